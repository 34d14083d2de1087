package dev.sluice.server.bots;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import java.util.Locale;
import java.util.Optional;

/** The limits of a bot that can be set while it runs. */
public enum LimitScope {
    BOT(false),
    PAID(false),
    CHAT(false),
    GROUP(false),
    USER(true),
    REPLIES(true);

    private final boolean optional;

    LimitScope(boolean optional) {
        this.optional = optional;
    }

    /** Whether there may be no such limit. */
    public boolean isOptional() {
        return optional;
    }

    /** Of these limits the one of this scope, if there is one. */
    public Optional<Limit> of(TelegramLimits limits) {
        return switch (this) {
            case BOT -> Optional.of(limits.bot());
            case PAID -> Optional.of(limits.paid());
            case CHAT -> Optional.of(limits.chat());
            case GROUP -> Optional.of(limits.group());
            case USER -> limits.user();
            case REPLIES -> limits.replies();
        };
    }

    /** As buckets, the admin API and Redis call it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
