package dev.sluice.server.gateway;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What of a head goes on to the other side. */
final class HeaderFilter {
    /** RFC 9110, 7.6.1: they are about one connection. The body's length is set by who writes it. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length");

    /** Meant for Sluice, or secrets that are none of Telegram's business. */
    private static final Set<String> OURS =
            Set.of("host", "expect", "prefer", "idempotency-key", "authorization", "cookie");

    private HeaderFilter() {}

    /** A request that streams through. */
    static MultiMap request(MultiMap headers) {
        return filtered(headers, true);
    }

    /** A request whose body we have decompressed, and whose answer we read ourselves. */
    static MultiMap metered(MultiMap headers) {
        return filtered(headers, true).remove(HttpHeaders.CONTENT_ENCODING).remove(HttpHeaders.ACCEPT_ENCODING);
    }

    static MultiMap response(MultiMap headers) {
        return filtered(headers, false);
    }

    private static MultiMap filtered(MultiMap headers, boolean request) {
        Set<String> named = namedByConnection(headers);
        MultiMap kept = HttpHeaders.headers();
        headers.forEach((header, value) -> {
            String name = lower(header);
            boolean ours = request && (OURS.contains(name) || name.startsWith(CallHeaders.PREFIX));
            if (!ours && !HOP_BY_HOP.contains(name) && !named.contains(name)) {
                kept.add(header, value);
            }
        });
        return kept;
    }

    /** What the sender calls a matter of this connection alone; most say only that it stays open. */
    private static Set<String> namedByConnection(MultiMap headers) {
        List<String> values = headers.getAll(HttpHeaders.CONNECTION);
        if (values.isEmpty()) {
            return Set.of();
        }
        Set<String> named = new HashSet<>();
        for (String value : values) {
            Arrays.stream(value.split(",")).map(name -> lower(name).strip()).forEach(named::add);
        }
        return named;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
