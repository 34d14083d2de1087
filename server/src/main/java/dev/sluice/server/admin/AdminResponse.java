package dev.sluice.server.admin;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that is no problem.
 *
 * @param body as it is sent; empty for none
 * @param headers beside the content type
 */
record AdminResponse(int status, String mediaType, String body, Map<String, String> headers) {
    static final String JSON = "application/json";

    static AdminResponse json(int status, Object body) {
        return new AdminResponse(status, JSON, AdminJson.write(body), Map.of());
    }

    static AdminResponse text(String mediaType, String body) {
        return new AdminResponse(200, mediaType, body, Map.of());
    }

    static AdminResponse noContent() {
        return new AdminResponse(204, "", "", Map.of());
    }

    AdminResponse at(String location) {
        return with("Location", location);
    }

    AdminResponse with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new AdminResponse(status, mediaType, body, more);
    }
}
