package dev.sluice.server.gateway;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a body carries parameters. */
enum BodyKind {
    URLENCODED,
    JSON,
    MULTIPART,
    /** No type that Telegram reads parameters from: only the query string has any. */
    OPAQUE;

    static BodyKind of(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType.strip().toLowerCase(Locale.ROOT);
        if (type.startsWith("application/json")) {
            return JSON;
        }
        if (type.startsWith("application/x-www-form-urlencoded")) {
            return URLENCODED;
        }
        return type.startsWith("multipart/form-data") ? MULTIPART : OPAQUE;
    }

    /** Whether the whole body is parameters, so that it must be small. */
    boolean isText() {
        return this == URLENCODED || this == JSON;
    }
}
