package dev.sluice.server.gateway;

import dev.sluice.idempotency.Fingerprint;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a multipart body held; of two equal names the first.
 *
 * @param fields by name
 * @param files their digests, by name
 */
record MultipartForm(Map<String, String> fields, Map<String, Fingerprint> files) {
    static final MultipartForm EMPTY = new MultipartForm(Map.of(), Map.of());

    /** One to be filled, in order of arrival. */
    static MultipartForm growing() {
        return new MultipartForm(new LinkedHashMap<>(), new LinkedHashMap<>());
    }
}
