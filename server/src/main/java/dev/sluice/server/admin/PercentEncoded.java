package dev.sluice.server.admin;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what stands percent-encoded in a URL. What is no UTF-8 is told instead of being read as something else: two texts that
 * differ could become one.
 */
final class PercentEncoded {
    private PercentEncoded() {}

    /** A part of a path, in which a plus stands for itself; empty if it is not percent-encoded UTF-8. */
    static Optional<String> segment(String encoded) {
        return text(encoded.replace("+", "%2B"));
    }

    /**
     * The parameters of a query, in which a plus is a space, by their names in the order in which they came.
     *
     * @param query what stands behind the question mark, null if nothing does
     * @return of each name its values, empty where one is not percent-encoded UTF-8; a name that is not stands there as it came
     */
    static Map<String, List<Optional<String>>> query(@Nullable String query) {
        var values = new LinkedHashMap<String, List<Optional<String>>>();
        if (query == null) {
            return values;
        }
        for (String part : query.split("&", -1)) {
            if (!part.isEmpty()) {
                int end = part.indexOf('=');
                String name = end < 0 ? part : part.substring(0, end);
                String value = end < 0 ? "" : part.substring(end + 1);
                values.computeIfAbsent(text(name).orElse(name), first -> new ArrayList<>())
                        .add(text(value));
            }
        }
        return values;
    }

    private static Optional<String> text(String encoded) {
        try {
            // To bytes first: what is no UTF-8 would all become the same character.
            byte[] bytes =
                    URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
