use std::io::{Cursor, Seek as _};
use std::os::unix::fs::MetadataExt as _;

use tar::EntryType;

use super::*;

const BOUNDS: Bounds = Bounds { bytes: 1 << 20, entries: 100 };

/// A folder to unpack into, in one that must stay as it is.
struct Bench {
    outer: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let outer = tempfile::tempdir().unwrap();
        std::fs::create_dir(outer.path().join("in")).unwrap();
        Self { outer }
    }

    fn root(&self) -> PathBuf {
        self.outer.path().join("in")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap()
    }

    fn unpack_within(&self, bytes: &[u8], name: &str, bounds: Bounds) -> Result<Unpacked, String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let place = Place::new(&self.root()).unwrap();
        let packing = Packing::of(name).unwrap();
        unpack(file, name, packing, &place, bounds).map_err(|error| error.to_string())
    }

    fn unpack(&self, bytes: &[u8], name: &str) -> Result<Unpacked, String> {
        self.unpack_within(bytes, name, BOUNDS)
    }

    /// Nothing but the one folder is there: nothing was written beside it.
    fn is_clean(&self) -> bool {
        std::fs::read_dir(self.outer.path()).unwrap().count() == 1
    }
}

enum Entry<'a> {
    File(&'a str, &'a str),
    Folder(&'a str),
    Symlink(&'a str, &'a str),
    Hard(&'a str, &'a str),
    Fifo(&'a str),
}

/// An archive as no tar(1) would write it: names go in as they are.
fn tar_of(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let (kind, name, target, text) = match entry {
            Entry::File(name, text) => (EntryType::Regular, name, "", *text),
            Entry::Folder(name) => (EntryType::Directory, name, "", ""),
            Entry::Symlink(name, target) => (EntryType::Symlink, name, *target, ""),
            Entry::Hard(name, target) => (EntryType::Link, name, *target, ""),
            Entry::Fifo(name) => (EntryType::Fifo, name, "", ""),
        };
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_gnu_mut().unwrap().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_size(text.len() as u64);
        header.set_mode(0o4755);
        header.set_mtime(1_000_000_000);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Files, folders and links of an archive arrive with their permissions, less those that lend rights.
#[test]
fn an_archive_arrives_whole() {
    let bench = Bench::new();
    let bytes = tar_of(&[
        Entry::Folder("./app/bin/"),
        Entry::File("app/bin/run", "hello"),
        Entry::Symlink("app/current", "bin/run"),
        Entry::Symlink("app/bin/top", "../../app"),
        Entry::Hard("app/second", "app/bin/run"),
        Entry::File("app/current", "replaced"),
    ]);
    let unpacked = bench.unpack(&bytes, "app.tar").unwrap();
    assert_eq!(unpacked, Unpacked { bytes: 13, entries: 6 });
    assert_eq!(bench.read("app/bin/run"), "hello", "the link was replaced, not followed");
    assert_eq!(bench.read("app/current"), "replaced");
    assert_eq!(bench.read("app/second"), "hello");
    assert_eq!(bench.read("app/bin/top/second"), "hello");
    let metadata = std::fs::metadata(bench.root().join("app/bin/run")).unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (0o755, 1_000_000_000));
}

/// No name and no link of an archive leads out of the folder it is unpacked into.
#[test]
fn nothing_of_an_archive_gets_out() {
    let cases: Vec<Vec<Entry<'_>>> = vec![
        vec![Entry::File("../out", "x")],
        vec![Entry::File("a/../../out", "x")],
        vec![Entry::File("/tmp/ebb-must-not-be-there", "x")],
        vec![Entry::Folder("../out")],
        vec![Entry::Symlink("out", "/etc/passwd")],
        vec![Entry::Symlink("out", "..")],
        vec![Entry::Symlink("a/b", "../../..")],
        vec![Entry::Hard("out", "../out")],
        vec![Entry::Hard("out", "/etc/passwd")],
        // Up from where another link leads to.
        vec![
            Entry::Symlink("a/b/c/up", "../../.."),
            Entry::Symlink("out", "a/b/c/up/../x"),
            Entry::File("out", "x"),
        ],
        vec![Entry::Fifo("pipe")],
    ];
    for (index, entries) in cases.iter().enumerate() {
        let bench = Bench::new();
        let error = bench.unpack(&tar_of(entries), "x.tar").unwrap_err();
        let told = ["leads out of the sandbox", "neither a file"];
        assert!(told.iter().any(|text| error.contains(text)), "{index}: {error}");
        assert!(bench.is_clean(), "{index}");
    }
    assert!(!Path::new("/tmp/ebb-must-not-be-there").exists());
}

/// A link that was in the folder before is not followed out of it.
#[test]
fn links_that_were_there_before_are_not_followed_out() {
    let bench = Bench::new();
    std::os::unix::fs::symlink("..", bench.root().join("up")).unwrap();
    let error = bench.unpack(&tar_of(&[Entry::File("up/out", "x")]), "x.tar").unwrap_err();
    assert!(error.contains("leads out"), "{error}");
    std::os::unix::fs::symlink("../out", bench.root().join("file")).unwrap();
    bench.unpack(&tar_of(&[Entry::File("file", "x")]), "x.tar").unwrap();
    assert!(bench.is_clean());
    assert_eq!(bench.read("file"), "x");
}

/// An archive that grows beyond its bound is given up, whatever its size on the wire.
#[test]
fn what_an_archive_holds_is_bounded() {
    let bench = Bench::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0_u8; 8 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 64 << 10);
    let error = bench.unpack(&packed, "zeros.gz").unwrap_err();
    assert_eq!(error, "it holds more than 1048576 bytes");

    let names: Vec<String> = (0..5).map(|n| format!("f{n}")).collect();
    let entries: Vec<Entry<'_>> = names.iter().map(|name| Entry::File(name, "")).collect();
    let bounds = Bounds { entries: 4, ..BOUNDS };
    let error = bench.unpack_within(&tar_of(&entries), "x.tar", bounds).unwrap_err();
    assert_eq!(error, "it holds more than 4 files");
}

/// Every compression a name promises is undone.
#[test]
fn each_compression_is_undone() {
    let plain = tar_of(&[Entry::File("f", "text")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&plain).unwrap();
    // `printf text > f; tar --format=ustar -cf - f | xz`.
    for (name, bytes) in [
        ("a.tar", plain.clone()),
        ("a.tgz", gzip.finish().unwrap()),
        ("a.tbz2", bzip2.finish().unwrap()),
        ("a.tar.xz", include_bytes!("fixtures/f.tar.xz").to_vec()),
    ] {
        let bench = Bench::new();
        bench.unpack(&bytes, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(bench.read("f"), "text", "{name}");
        // Within its first header, or before the checksum at its end.
        bench.unpack(&bytes[..bytes.len() / 5], name).unwrap_err();
        if name != "a.tar" {
            bench.unpack(&bytes[..bytes.len() - 3], name).unwrap_err();
        }
    }
}

/// Zip archives are held to the same rules.
#[test]
fn zip_archives_are_held_to_the_same_rules() {
    use zip::write::SimpleFileOptions;
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("app/run", options).unwrap();
    writer.write_all(b"hello").unwrap();
    writer.add_symlink("app/link", "run", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let bench = Bench::new();
    bench.unpack(&bytes, "app.zip").unwrap();
    assert_eq!(bench.read("app/link"), "hello");
    let mode = std::fs::metadata(bench.root().join("app/run")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o755);

    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("out", "/etc", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let error = bench.unpack(&bytes, "x.zip").unwrap_err();
    assert!(error.contains("leads out"), "{error}");

    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("aa/out", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    // The writer would not write such a name itself.
    let evil: Vec<u8> = String::from_utf8_lossy(b"aa/out").replace("aa", "..").into_bytes();
    let bytes = replace(&bytes, b"aa/out", &evil);
    let error = bench.unpack(&bytes, "x.zip").unwrap_err();
    assert!(error.contains("leads out"), "{error}");
    assert!(bench.is_clean());
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..=bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + from.len()].copy_from_slice(to);
        }
    }
    bytes
}

/// What is no archive by its name is left as it is.
#[test]
fn only_names_that_say_so_are_archives() {
    for name in ["a.jar", "a", "tar", "a.tar.gz?x=1", "a.7z"] {
        assert_eq!(Packing::of(name), None, "{name}");
    }
    assert_eq!(Packing::of("a.tar.gz"), Some(Packing::Tar(Compression::Gzip)));
    assert_eq!(Packing::of("a.gz"), Some(Packing::Gzip));
}
