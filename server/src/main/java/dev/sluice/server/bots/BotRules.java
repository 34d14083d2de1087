package dev.sluice.server.bots;

/**
 * What holds for one bot.
 *
 * @param maySkipLimits whether its calls may ask for it with {@code X-Sluice-Skip-Limits}
 * @param dedupesByContent for which methods equal content is one message, where the call does not say
 * @param overflow what becomes of calls whose turn does not come in time
 * @param priorities which calls are more urgent than others
 * @param joinsTexts whether consecutive short texts may be sent as one where many wait
 */
public record BotRules(
        boolean maySkipLimits,
        MethodSet dedupesByContent,
        OverflowRules overflow,
        PriorityRules priorities,
        boolean joinsTexts) {
    public static final BotRules NONE =
            new BotRules(false, MethodSet.NONE, OverflowRules.WAIT, PriorityRules.DEFAULT, false);

    public BotRules withSkipLimits(boolean may) {
        return new BotRules(may, dedupesByContent, overflow, priorities, joinsTexts);
    }

    public BotRules withDedupeContent(MethodSet methods) {
        return new BotRules(maySkipLimits, methods, overflow, priorities, joinsTexts);
    }

    public BotRules withOverflow(OverflowRules rules) {
        return new BotRules(maySkipLimits, dedupesByContent, rules, priorities, joinsTexts);
    }

    public BotRules withPriorities(PriorityRules rules) {
        return new BotRules(maySkipLimits, dedupesByContent, overflow, rules, joinsTexts);
    }

    public BotRules withJoinedTexts(boolean joined) {
        return new BotRules(maySkipLimits, dedupesByContent, overflow, priorities, joined);
    }
}
