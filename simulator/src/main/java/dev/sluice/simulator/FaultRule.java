package dev.sluice.simulator;

import org.jspecify.annotations.Nullable;

/**
 * Which calls an effect strikes. Immutable; each {@code with} or {@code on} narrows it.
 *
 * {@snippet :
 * simulator.faults().add(FaultRule.of(new FaultEffect.ResetAfter()).onMethod("sendMessage").skipping(2).times(1)); // the third
 * }
 *
 * @param effect what happens
 * @param method in any case; null for all
 * @param bot a bot's id; null for all
 * @param chat a chat's id; null for all, calls without a chat included
 * @param skip matching calls that pass unharmed first
 * @param times how often it strikes at most
 * @param probability with which it strikes a call that matches, more than 0, at most 1
 */
public record FaultRule(
        FaultEffect effect,
        @Nullable String method,
        @Nullable Long bot,
        @Nullable Long chat,
        long skip,
        long times,
        double probability) {
    public FaultRule {
        if (skip < 0 || times < 1) {
            throw new IllegalArgumentException("skip is 0 or more and times 1 or more, not " + skip + " and " + times);
        }
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability is more than 0 and at most 1, not " + probability);
        }
    }

    /** Strikes every call. */
    public static FaultRule of(FaultEffect effect) {
        return new FaultRule(effect, null, null, null, 0, Long.MAX_VALUE, 1);
    }

    public FaultRule onMethod(String name) {
        return new FaultRule(effect, name, bot, chat, skip, times, probability);
    }

    public FaultRule onBot(long id) {
        return new FaultRule(effect, method, id, chat, skip, times, probability);
    }

    public FaultRule onChat(long id) {
        return new FaultRule(effect, method, bot, id, skip, times, probability);
    }

    public FaultRule skipping(long calls) {
        return new FaultRule(effect, method, bot, chat, calls, times, probability);
    }

    public FaultRule times(long most) {
        return new FaultRule(effect, method, bot, chat, skip, most, probability);
    }

    public FaultRule withProbability(double chance) {
        return new FaultRule(effect, method, bot, chat, skip, times, chance);
    }
}
