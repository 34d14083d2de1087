package dev.sluice.server.bots;

import java.util.Optional;

/** What a bot's registration decides; for what it leaves open, the settings do. */
public record OwnRules(Optional<Boolean> skipLimits, Optional<MethodSet> dedupeContent) {
    public static final OwnRules NONE = new OwnRules(Optional.empty(), Optional.empty());

    /** These rules, and where they are silent {@code settings}. */
    public BotRules over(BotRules settings) {
        return new BotRules(
                skipLimits.orElse(settings.maySkipLimits()), dedupeContent.orElse(settings.dedupesByContent()));
    }

    public OwnRules withSkipLimits(Optional<Boolean> may) {
        return new OwnRules(may, dedupeContent);
    }

    public OwnRules withDedupeContent(Optional<MethodSet> methods) {
        return new OwnRules(skipLimits, methods);
    }
}
