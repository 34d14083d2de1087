package dev.sluice.server.bots;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was set of a bot's limits while it runs; for what is left open, the settings say.
 *
 * @param limits by scope; empty for none, where there may be none
 * @param shadow whether they hold nobody back
 */
public record SetLimits(Map<LimitScope, Optional<Limit>> limits, Optional<Boolean> shadow) {
    public static final SetLimits NONE = new SetLimits(Map.of(), Optional.empty());

    public SetLimits {
        var copy = new EnumMap<LimitScope, Optional<Limit>>(LimitScope.class);
        copy.putAll(limits);
        limits = Collections.unmodifiableMap(copy);
        limits.forEach((scope, limit) -> {
            if (limit.isEmpty() && !scope.isOptional()) {
                throw new IllegalArgumentException("the limit of scope " + scope + " cannot be off");
            }
        });
    }

    public boolean isEmpty() {
        return limits.isEmpty() && shadow.isEmpty();
    }

    /** Whether it decides about a scope. */
    public boolean has(LimitScope scope) {
        return limits.containsKey(scope);
    }

    /** The same, deciding about a scope; {@code Optional.empty()} for none. */
    public SetLimits with(LimitScope scope, Optional<Limit> limit) {
        var changed = new EnumMap<LimitScope, Optional<Limit>>(LimitScope.class);
        changed.putAll(limits);
        changed.put(scope, limit);
        return new SetLimits(changed, shadow);
    }

    /** The same, leaving a scope to the settings. */
    public SetLimits without(LimitScope scope) {
        var changed = new EnumMap<LimitScope, Optional<Limit>>(LimitScope.class);
        changed.putAll(limits);
        changed.remove(scope);
        return new SetLimits(changed, shadow);
    }

    public SetLimits withShadow(Optional<Boolean> on) {
        return new SetLimits(limits, on);
    }

    /** These limits, and where they are silent {@code settings}. */
    public TelegramLimits over(TelegramLimits settings) {
        if (isEmpty()) {
            return settings;
        }
        return new TelegramLimits(
                always(LimitScope.BOT, settings),
                always(LimitScope.PAID, settings),
                always(LimitScope.CHAT, settings),
                always(LimitScope.GROUP, settings),
                ofScope(LimitScope.USER, settings),
                ofScope(LimitScope.REPLIES, settings),
                shadow.orElse(settings.shadow()));
    }

    private Limit always(LimitScope scope, TelegramLimits settings) {
        return ofScope(scope, settings).orElseThrow();
    }

    private Optional<Limit> ofScope(LimitScope scope, TelegramLimits settings) {
        Optional<Limit> set = limits.get(scope);
        return set == null ? scope.of(settings) : set;
    }
}
