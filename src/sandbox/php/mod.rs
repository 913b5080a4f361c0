//! The habits of PHP that a client can see: form decoding, `print_r`, the input cleaning.

pub(crate) mod cleaning;
pub(crate) mod form;
pub(crate) mod print_r;
