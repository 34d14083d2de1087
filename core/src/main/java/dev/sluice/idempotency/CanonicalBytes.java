package dev.sluice.idempotency;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Digests a sequence of texts, numbers and marks such that no two different sequences meet the digest as the same bytes:
 * each text is preceded by its length, and written as UTF-16 so that even broken surrogates stay apart.
 */
final class CanonicalBytes {
    private final MessageDigest sha256 = Fingerprint.sha256();
    private final DataOutputStream out = new DataOutputStream(
            new BufferedOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), sha256), 1024));

    CanonicalBytes mark(char mark) {
        return write(() -> out.writeByte(mark));
    }

    CanonicalBytes count(int count) {
        return write(() -> out.writeInt(count));
    }

    CanonicalBytes text(String text) {
        return write(() -> {
            out.writeInt(text.length());
            out.writeChars(text);
        });
    }

    /** Lower-case hex of the digest; ends the use of this object. */
    String hex() {
        write(out::flush);
        return HexFormat.of().formatHex(sha256.digest());
    }

    private CanonicalBytes write(Writing writing) {
        try {
            writing.run();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("digesting in memory does no input or output", e);
        }
    }

    private interface Writing {
        void run() throws IOException;
    }
}
