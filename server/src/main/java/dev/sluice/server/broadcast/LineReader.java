package dev.sluice.server.broadcast;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/** The lines of a stream, one at a time and of bounded length. Not thread-safe. */
final class LineReader {
    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];
    private int at;
    private int end;
    private long line;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** The last line's number, from 1. */
    long line() {
        return line;
    }

    /**
     * The next line that is not blank, without its end; empty at the end of the stream.
     *
     * @param longest in bytes
     * @throws InvalidUploadException if it is longer
     */
    Optional<byte[]> next(int longest) throws IOException {
        while (true) {
            byte[] bytes = new byte[0];
            boolean ended = false;
            line++;
            while (!ended) {
                if (at == end) {
                    end = Math.max(0, in.read(buffer));
                    at = 0;
                    if (end == 0) {
                        return isBlank(bytes) ? Optional.empty() : Optional.of(bytes);
                    }
                }
                int from = at;
                while (at < end && buffer[at] != '\n') {
                    at++;
                }
                if (bytes.length + at - from > longest) {
                    throw new InvalidUploadException(
                            InvalidUploadException.Kind.LINE, line, "must have at most " + longest + " bytes");
                }
                bytes = joined(bytes, from);
                ended = at < end;
            }
            at++;
            if (!isBlank(bytes)) {
                return Optional.of(bytes);
            }
        }
    }

    private byte[] joined(byte[] before, int from) {
        byte[] joined = Arrays.copyOf(before, before.length + at - from);
        System.arraycopy(buffer, from, joined, before.length, at - from);
        return joined;
    }

    private static boolean isBlank(byte[] bytes) {
        for (byte each : bytes) {
            if (each != ' ' && each != '\t' && each != '\r') {
                return false;
            }
        }
        return true;
    }
}
