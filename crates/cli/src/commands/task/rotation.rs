//! Follows a log through its rotations: what is read at an offset may be another file a moment later.
//!
//! A full log is renamed to `<name>.1`, that one to `<name>.2` and so on. Files that were renamed don't change any
//! more, so size and time of the last change tell which is which.

use std::future::Future;

use bytes::Bytes;

/// Read at a time; Mesos' agents give no more.
pub(super) const PIECE_BYTES: u64 = 64 * 1024;
/// Most numbers that are looked at.
const NUMBERS: u32 = 1000;

/// What tells one rotated file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) size: u64,
    pub(super) changed_nanos: i64,
}

/// A log and what it was rotated to, by number; 0 is the one that is written to.
pub(super) trait Files {
    type Error;

    /// The size of a file and a piece of it from `offset`; `None` if there is none.
    fn read(
        &self,
        number: u32,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Option<(u64, Bytes)>, Self::Error>>;

    /// `None` if there is none.
    fn sign(&self, number: u32) -> impl Future<Output = Result<Option<Sign>, Self::Error>>;
}

/// A place in a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follower {
    offset: u64,
    /// The file before the one that is read, if that is known and there is one.
    before: Option<Sign>,
}

impl Follower {
    /// Begins in the file that is written to now.
    pub(super) async fn begin<F: Files>(files: &F, offset: u64) -> Result<Self, F::Error> {
        Ok(Self { offset, before: files.sign(1).await? })
    }

    /// Shows everything from here to the end. `lost` is called where something was rotated away unseen.
    pub(super) async fn advance<F: Files>(
        &mut self,
        files: &F,
        mut show: impl FnMut(&[u8]),
        mut lost: impl FnMut(),
    ) -> Result<(), F::Error> {
        loop {
            // In the middle of a rotation: the caller looks again.
            let Some((number, sign)) = self.find(files, &mut lost).await? else { return Ok(()) };
            if number > 0 {
                self.finish(files, number, sign, &mut show).await?;
                continue;
            }
            let read = files.read(0, self.offset, PIECE_BYTES).await?;
            // Looked at after the read: without a rotation until now it was the right file.
            if files.sign(1).await? != self.before {
                continue;
            }
            // Between two renames there is none for a moment.
            let Some((size, data)) = read else { return Ok(()) };
            if size < self.offset {
                // Somebody has emptied it.
                self.offset = 0;
                continue;
            }
            if data.is_empty() {
                return Ok(());
            }
            show(&data);
            self.offset += data.len() as u64;
        }
    }

    /// Which number the file has by now, and its sign if it was rotated; `None` while that can't be told.
    async fn find<F: Files>(
        &mut self,
        files: &F,
        lost: &mut impl FnMut(),
    ) -> Result<Option<(u32, Option<Sign>)>, F::Error> {
        // Of the number looked at before: rotations only move files to higher ones, so whatever comes
        // between two looks, this is the file right after the one that is found then.
        let mut newer = None;
        for number in 1..=NUMBERS {
            let sign = files.sign(number).await?;
            if sign == self.before {
                return Ok(Some((number - 1, newer)));
            }
            if sign.is_some() {
                newer = sign;
                continue;
            }
            // Files are renamed one after another, the oldest first.
            if files.sign(number + 1).await?.is_some() {
                return Ok(None);
            }
            self.before = None;
            if number > 1 {
                // The one before has been rotated away, and this one perhaps, too.
                lost();
                self.offset = 0;
            }
            return Ok(Some((number - 1, newer)));
        }
        Ok(None)
    }

    /// Shows the rest of a file that was rotated, and goes on with the one after it.
    async fn finish<F: Files>(
        &mut self,
        files: &F,
        number: u32,
        sign: Option<Sign>,
        show: &mut impl FnMut(&[u8]),
    ) -> Result<(), F::Error> {
        loop {
            let read = files.read(number, self.offset, PIECE_BYTES).await?;
            if files.sign(number).await? != sign || sign.is_none() {
                // Another rotation: it has another number now.
                return Ok(());
            }
            let Some((_, data)) = read.filter(|(_, data)| !data.is_empty()) else {
                *self = Self { offset: 0, before: sign };
                return Ok(());
            };
            show(&data);
            self.offset += data.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::convert::Infallible;

    use super::*;

    /// Files of a few bytes, the one that is written to first; rotated when the test says so, or after some
    /// number of looks.
    #[derive(Default)]
    struct Disk {
        files: RefCell<VecDeque<(String, i64)>>,
        keep: usize,
        now: Cell<i64>,
        /// What happens at which look.
        script: RefCell<VecDeque<(u32, &'static str)>>,
        looks: Cell<u32>,
    }

    impl Disk {
        fn new(keep: usize) -> Self {
            let disk = Self { keep, ..Self::default() };
            disk.files.borrow_mut().push_front((String::new(), 0));
            disk
        }

        fn write(&self, text: &str) {
            self.now.set(self.now.get() + 1);
            let mut files = self.files.borrow_mut();
            for part in text.split_inclusive('|') {
                files[0].0.push_str(part);
                files[0].1 = self.now.get();
                if part.ends_with('|') {
                    files.push_front((String::new(), 0));
                    files.truncate(self.keep + 1);
                    self.now.set(self.now.get() + 1);
                }
            }
        }

        fn look(&self) {
            self.looks.set(self.looks.get() + 1);
            let due = |it: &(u32, &str)| it.0 <= self.looks.get();
            let text = self.script.borrow_mut().pop_front_if(|it| due(it)).map(|(_, text)| text);
            if let Some(text) = text {
                self.write(text);
            }
        }
    }

    impl Files for Disk {
        type Error = Infallible;

        async fn read(
            &self,
            number: u32,
            offset: u64,
            length: u64,
        ) -> Result<Option<(u64, Bytes)>, Infallible> {
            self.look();
            let files = self.files.borrow();
            let (from, most) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
            let file = files.get(number as usize).map(|(text, _)| {
                let rest = text.as_bytes().get(from..).unwrap_or_default();
                let length = rest.len().min(most.min(3));
                (text.len() as u64, Bytes::copy_from_slice(&rest[..length]))
            });
            Ok(file)
        }

        async fn sign(&self, number: u32) -> Result<Option<Sign>, Infallible> {
            self.look();
            let files = self.files.borrow();
            let sign =
                |(text, at): &(String, i64)| Sign { size: text.len() as u64, changed_nanos: *at };
            Ok(files.get(number as usize).map(sign))
        }
    }

    async fn all(follower: &mut Follower, disk: &Disk) -> (String, u32) {
        let (mut shown, mut gaps) = (String::new(), 0);
        let show = |piece: &[u8]| shown.push_str(str::from_utf8(piece).unwrap());
        follower.advance(disk, show, || gaps += 1).await.unwrap();
        (shown, gaps)
    }

    /// What was written before and after a rotation is shown once and in order, however many there were since
    /// the last look.
    #[tokio::test]
    async fn nothing_is_missed_or_shown_twice() {
        let disk = Disk::new(5);
        disk.write("one ");
        let mut follower = Follower::begin(&disk, 0).await.unwrap();
        assert_eq!(all(&mut follower, &disk).await, ("one ".to_owned(), 0));
        assert_eq!(all(&mut follower, &disk).await, (String::new(), 0));
        disk.write("two |three ");
        assert_eq!(all(&mut follower, &disk).await, ("two |three ".to_owned(), 0));
        // The new file is longer than the old offset, so its size alone would not tell.
        disk.write("four |a long line, five |six |seven");
        let expected = "four |a long line, five |six |seven".to_owned();
        assert_eq!(all(&mut follower, &disk).await, (expected, 0));
    }

    /// Rotations in the middle of a look don't mix the files up, whenever they come.
    #[tokio::test]
    async fn rotations_while_looking_do_no_harm() {
        for first in 1..40 {
            for gap in 1..6 {
                let disk = Disk::new(9);
                disk.write("0123456|");
                let mut follower = Follower::begin(&disk, 0).await.unwrap();
                disk.write("abcdef");
                let script = [(first, "ghi|jkl"), (first + gap, "mn|"), (first + 2 * gap, "op|qr")];
                *disk.script.borrow_mut() =
                    script.map(|(at, text)| (disk.looks.get() + at, text)).into();
                let mut shown = String::new();
                while !disk.script.borrow().is_empty() {
                    shown.push_str(&all(&mut follower, &disk).await.0);
                }
                shown.push_str(&all(&mut follower, &disk).await.0);
                assert_eq!(shown, "abcdefghi|jklmn|op|qr", "{first} {gap}");
            }
        }
    }

    /// In the middle of a rotation: the number in between is not taken.
    struct Half;
    impl Files for Half {
        type Error = Infallible;

        async fn read(&self, _: u32, _: u64, _: u64) -> Result<Option<(u64, Bytes)>, Infallible> {
            panic!("which file is which is not known");
        }

        async fn sign(&self, number: u32) -> Result<Option<Sign>, Infallible> {
            Ok((number == 2).then_some(Sign { size: 7, changed_nanos: 7 }))
        }
    }

    /// A rotation that is half done is waited for, and nothing is taken for lost meanwhile.
    #[tokio::test]
    async fn half_a_rotation_is_waited_for() {
        let old = Sign { size: 7, changed_nanos: 7 };
        let mut follower = Follower { offset: 3, before: Some(old) };
        follower.advance(&Half, |_| panic!("shown"), || panic!("lost")).await.unwrap();
        assert_eq!((follower.offset, follower.before), (3, Some(old)));
    }

    /// What was rotated away before anybody looked is said to be lost, and the rest is shown.
    #[tokio::test]
    async fn what_was_rotated_away_is_said_to_be_lost() {
        let disk = Disk::new(2);
        disk.write("zero|one");
        let mut follower = Follower::begin(&disk, 0).await.unwrap();
        assert_eq!(all(&mut follower, &disk).await, ("one".to_owned(), 0));
        disk.write("...|two|three|four");
        assert_eq!(all(&mut follower, &disk).await, ("two|three|four".to_owned(), 1));
        disk.files.borrow_mut()[0].0 = "new".to_owned();
        assert_eq!(all(&mut follower, &disk).await, ("new".to_owned(), 0));
    }
}
