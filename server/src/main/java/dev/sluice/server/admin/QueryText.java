package dev.sluice.server.admin;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands in a URL, decoded strictly: read leniently, two texts that differ could become one. Immutable.
 *
 * @param values by name, in the order in which they were sent
 * @param wellFormed whether all of it is percent-encoded UTF-8; what is not is not among the values
 */
record QueryText(Map<String, List<String>> values, boolean wellFormed) {
    /** @param query as it was sent, without the question mark; empty if there is none */
    static QueryText of(String query) {
        var values = new HashMap<String, List<String>>();
        boolean wellFormed = true;
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            Optional<String> name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            Optional<String> value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
            if (name.isPresent() && value.isPresent()) {
                values.computeIfAbsent(name.get(), first -> new ArrayList<>()).add(value.get());
            } else {
                wellFormed = false;
            }
        }
        values.replaceAll((name, all) -> List.copyOf(all));
        return new QueryText(Map.copyOf(values), wellFormed);
    }

    /** A part of a path; empty if it is no percent-encoded UTF-8. */
    static Optional<String> segment(String sent) {
        // A plus stands for itself in a path, and for a space in a query.
        return decoded(sent.replace("+", "%2B"));
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    private static Optional<String> decoded(String sent) {
        try {
            // Decoded to bytes first: what is no UTF-8 would all become the same character.
            byte[] bytes = URLDecoder.decode(sent, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
