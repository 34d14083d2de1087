package dev.sluice.server.bots;

/**
 * What holds for one bot.
 *
 * @param maySkipLimits whether its calls may ask for it with {@code X-Sluice-Skip-Limits}
 * @param dedupesByContent for which methods equal content is one message, where the call does not say
 */
public record BotRules(boolean maySkipLimits, MethodSet dedupesByContent) {
    public static final BotRules NONE = new BotRules(false, MethodSet.NONE);
}
