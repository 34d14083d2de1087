package dev.sluice.server.bots;

import dev.sluice.limit.Limit;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Set limits as JSON, in Redis as in the admin API: {@code {"bot":"25/1s","user":"off","shadow":true}}. */
public final class SetLimitsJson {
    public static final String SHADOW = "shadow";

    private static final JsonMapper JSON = JsonMapper.shared();

    private SetLimitsJson() {}

    static byte[] write(SetLimits limits) {
        ObjectNode json = JSON.createObjectNode();
        limits.limits().forEach((scope, limit) -> json.put(scope.toString(), LimitText.show(limit)));
        limits.shadow().ifPresent(on -> json.put(SHADOW, on));
        return JSON.writeValueAsBytes(json);
    }

    /** @throws IllegalArgumentException if they are none; the message repeats nothing of it */
    static SetLimits read(byte[] bytes) {
        try {
            return patched(SetLimits.NONE, JSON.readTree(bytes));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    /**
     * Limits after a merge patch (RFC 7396): what is null is left to the settings, what is not there stays.
     *
     * @throws WrongLimitException if one is no limit
     */
    public static SetLimits patched(SetLimits limits, JsonNode change) {
        var patched = limits;
        for (LimitScope scope : LimitScope.values()) {
            JsonNode given = change.path(scope.toString());
            if (given.isNull()) {
                patched = patched.without(scope);
            } else if (!given.isMissingNode()) {
                patched = patched.with(scope, limit(scope, given.asString("")));
            }
        }
        JsonNode shadow = change.path(SHADOW);
        return shadow.isMissingNode()
                ? patched
                : patched.withShadow(shadow.isNull() ? Optional.empty() : Optional.of(shadow.asBoolean(false)));
    }

    private static Optional<Limit> limit(LimitScope scope, String text) {
        if (scope.isOptional() && text.equals(LimitText.OFF)) {
            return Optional.empty();
        }
        Optional<Limit> limit = LimitText.parse(text);
        if (limit.isEmpty()) {
            throw new WrongLimitException(scope);
        }
        return limit;
    }

    /** What was given for a scope is no limit; says what would be one. */
    public static final class WrongLimitException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final LimitScope scope;

        WrongLimitException(LimitScope scope) {
            super("must be " + LimitText.ACCEPTED + (scope.isOptional() ? ", or off" : ""));
            this.scope = scope;
        }

        public LimitScope scope() {
            return scope;
        }
    }
}
