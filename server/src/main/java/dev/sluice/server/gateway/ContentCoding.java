package dev.sluice.server.gateway;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * How a body is compressed. We decompress by ourselves, and only what is parameters, to a bound: the HTTP codec would inflate
 * whatever it has read at a stroke, 64 KB to 64 MB, however slowly we take it.
 */
enum ContentCoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** Empty if it is none that we know. */
    static Optional<ContentCoding> of(@Nullable String header) {
        return switch (header == null ? "" : header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> Optional.of(IDENTITY);
            case "gzip", "x-gzip" -> Optional.of(GZIP);
            case "deflate" -> Optional.of(DEFLATE);
            default -> Optional.empty();
        };
    }

    /** @throws Refusal if the text is not compressed so, or longer than {@code most} bytes */
    Buffer decode(Buffer text, int most) {
        if (this == IDENTITY) {
            return text;
        }
        var packed = new ByteArrayInputStream(text.getBytes());
        try (InputStream plain = this == GZIP ? new GZIPInputStream(packed) : new InflaterInputStream(packed)) {
            byte[] bytes = plain.readNBytes(most + 1);
            if (bytes.length > most) {
                throw Refusal.tooLarge("parameters are at most " + most + " bytes");
            }
            return Buffer.buffer(bytes);
        } catch (IOException e) {
            throw Refusal.badRequest("can't decode the body as " + name().toLowerCase(Locale.ROOT));
        }
    }
}
