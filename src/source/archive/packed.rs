//! Compressed streams.

use std::io::{self, BufRead, Read};

use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Packing;
use super::inflate::Inflate;

/// Memory for the window of xz, in KiB, and of zstd, in bytes: their strongest usual settings need this much.
const XZ_MEMORY: u32 = 128 << 10;
const ZSTD_WINDOW: u64 = 128 << 20;

/// What `input` holds, decompressed; all streams if several follow each other.
pub(super) fn decoder<'r>(packing: Packing, input: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
    Ok(match packing {
        Packing::Gzip => Box::new(Inflate::gzip(input)),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
        Packing::Xz => Box::new(XzReader::new_mem_limit(input, true, XZ_MEMORY)),
        Packing::Zstd => Box::new(Zstd::new(input)),
    })
}

/// The name of what a compressed file holds: `a/app.env.gz` gives `app.env`.
pub(super) fn unpacked_name(name: &str) -> &str {
    let last = name.rsplit(['/', '!']).next().unwrap_or(name);
    let ends = [".gz", ".bz2", ".xz", ".zst", ".zstd"];
    let stem = ends.iter().find_map(|end| last.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(last)
}

/// The frames of a zstd stream one after another; the crate reads one.
struct Zstd<R> {
    input: R,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(input: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW);
        Self { input, decoder, open: false }
    }

    /// Opens the next frame; false if there is none.
    fn open(&mut self) -> io::Result<bool> {
        while !self.open {
            if self.input.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.input) {
                Ok(()) => self.open = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.input).take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(invalid(&error)),
            }
        }
        Ok(true)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() && self.open()? {
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.input, one).map_err(|error| invalid(&error))?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            let sums = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
            if let (Some(told), Some(is)) = sums
                && told != is
            {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum is wrong"));
            }
            self.open = false;
        }
        Ok(0)
    }
}

fn invalid(error: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("bad zstd data: {error}"))
}
