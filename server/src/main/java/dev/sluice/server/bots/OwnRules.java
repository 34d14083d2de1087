package dev.sluice.server.bots;

import java.util.Optional;

/** What a bot's registration decides; for what it leaves open, the settings do. */
public record OwnRules(
        Optional<Boolean> skipLimits,
        Optional<MethodSet> dedupeContent,
        Optional<OverflowRules> overflow,
        Optional<PriorityRules> priorities,
        Optional<Boolean> joinTexts) {
    public static final OwnRules NONE =
            new OwnRules(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** These rules, and where they are silent {@code settings}. */
    public BotRules over(BotRules settings) {
        return new BotRules(
                skipLimits.orElse(settings.maySkipLimits()),
                dedupeContent.orElse(settings.dedupesByContent()),
                overflow.orElse(settings.overflow()),
                priorities.orElse(settings.priorities()),
                joinTexts.orElse(settings.joinsTexts()));
    }

    public OwnRules withSkipLimits(Optional<Boolean> may) {
        return new OwnRules(may, dedupeContent, overflow, priorities, joinTexts);
    }

    public OwnRules withDedupeContent(Optional<MethodSet> methods) {
        return new OwnRules(skipLimits, methods, overflow, priorities, joinTexts);
    }

    public OwnRules withOverflow(Optional<OverflowRules> rules) {
        return new OwnRules(skipLimits, dedupeContent, rules, priorities, joinTexts);
    }

    public OwnRules withPriorities(Optional<PriorityRules> rules) {
        return new OwnRules(skipLimits, dedupeContent, overflow, rules, joinTexts);
    }

    public OwnRules withJoinTexts(Optional<Boolean> joined) {
        return new OwnRules(skipLimits, dedupeContent, overflow, priorities, joined);
    }
}
