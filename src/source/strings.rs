//! The texts in files that are none: programs, databases, dumps of memory. Keys are compiled into programs and cached in
//! databases, and whoever finds the file runs `strings` over it.

use std::io::{self, Read};

/// Gives what it reads with every byte that is no printable ASCII turned into a line feed, so that each text in the file
/// is a line of its own and keeps its place.
#[derive(Debug)]
pub(super) struct Strings<R> {
    inner: R,
}

impl<R: Read> Strings<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner }
    }
}

impl<R: Read> Read for Strings<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        mask(&mut buffer[..count]);
        Ok(count)
    }
}

/// Turns what is no printable ASCII into line feeds.
pub(super) fn mask(bytes: &mut [u8]) {
    for byte in bytes {
        *byte = if matches!(*byte, b' '..=b'~') { *byte } else { b'\n' };
    }
}

/// Beginnings of pictures, sounds, films, fonts and packed data: they hold no texts, only what looks like some by chance.
const MEDIA: &[&[u8]] = &[
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"\0\0\x01\0",
    b"II*\0",
    b"MM\0*",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"\xff\xfb",
    b"\x1aE\xdf\xa3",
    b"wOFF",
    b"wOF2",
    b"\0\x01\0\0\0",
    b"OTTO",
    b"true",
    b"%PDF",
    b"PACK",
    b"\xfftOc",
    b"\x93NUMPY",
    b"PAR1",
    b"ARROW1",
    b"\x89HDF",
];

/// Beginnings of packed files that can't be unpacked here.
const PACKED: &[(&[u8], &str)] = &[
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"MSCF\0\0\0\0", "a cabinet of Windows"),
    (b"LZIP\x01", "lzip"),
    (b"\xed\xab\xee\xdb", "an RPM package"),
    (b"!<arch>\ndebian-binary", "a Debian package"),
];

/// The format of a packed file that can't be unpacked here.
pub(super) fn packed(head: &[u8]) -> Option<&'static str> {
    PACKED.iter().find(|(mark, _)| head.starts_with(mark)).map(|&(_, name)| name)
}

/// Whether a file that is no text is of a kind that holds none either. The mark alone could hide a text with a zero byte.
pub(super) fn is_media(head: &[u8]) -> bool {
    let letters = head.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')).count();
    if letters * 10 > head.len() * 9 {
        return false;
    }
    let riff = head.starts_with(b"RIFF") && matches!(head.get(8..12), Some(b"WEBP" | b"WAVE" | b"AVI "));
    let film = head.get(4..8) == Some(b"ftyp");
    riff || film || MEDIA.iter().any(|mark| head.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_and_the_rest_becomes_line_feeds() {
        let mut out = Vec::new();
        Strings::new(&b"\x7fELF\0key=a b\xff\xfe\r\n~"[..]).read_to_end(&mut out).expect("memory");
        assert_eq!(out, b"\nELF\nkey=a b\n\n\n\n~");
    }

    #[test]
    fn media_are_told_by_their_beginnings() {
        assert!(is_media(b"\x89PNG\r\n\x1a\n\0"));
        assert!(is_media(b"RIFF\0\0\0\0WEBPVP8 "));
        assert!(is_media(b"\0\0\0\x20ftypisom"));
        assert!(!is_media(b"\x7fELF\x02\x01\x01\0"));
        assert!(!is_media(b"SQLite format 3\0"));
    }
}
