package dev.sluice.simulator;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A rule in force, and how often it struck. Thread-safe. */
public final class InjectedFault {
    private final FaultRule rule;
    private long matched;
    private long struck;

    InjectedFault(FaultRule rule) {
        this.rule = rule;
    }

    public FaultRule rule() {
        return rule;
    }

    /** How many calls it struck. */
    public synchronized long struck() {
        return struck;
    }

    synchronized boolean strikes(long bot, String method, @Nullable Long chat, RandomGenerator random) {
        boolean matches = (rule.method() == null || rule.method().equalsIgnoreCase(method))
                && (rule.bot() == null || rule.bot() == bot)
                && (rule.chat() == null || rule.chat().equals(chat));
        if (!matches
                || struck >= rule.times()
                || matched++ < rule.skip()
                || random.nextDouble() >= rule.probability()) {
            return false;
        }
        struck++;
        return true;
    }
}
