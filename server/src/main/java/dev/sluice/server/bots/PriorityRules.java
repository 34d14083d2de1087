package dev.sluice.server.bots;

import dev.sluice.server.bots.PriorityRule.Traits;
import dev.sluice.telegram.Priority;
import java.util.List;

/** Which calls are more urgent than others where they do not say so themselves: the first rule that matches decides. */
public record PriorityRules(List<PriorityRule> rules) {
    /** More would be looked through for every call. */
    public static final int MOST = 50;

    /**
     * As the source documents: replies, for somebody waits there, and emergencies are high, all else is normal. What they call
     * low, background tasks and what is not urgent, no parameter tells; mentions are seen in what comes in.
     */
    public static final PriorityRules DEFAULT = new PriorityRules(List.of(
            PriorityRule.any(Priority.HIGH).ifReply(),
            PriorityRule.any(Priority.HIGH).ifSkippingLimits()));

    public PriorityRules {
        rules = List.copyOf(rules);
        if (rules.size() > MOST) {
            throw new IllegalArgumentException("at most " + MOST + " priority rules, not " + rules.size());
        }
    }

    /** The priority of a call that names none itself. */
    public Priority of(Traits call) {
        for (PriorityRule rule : rules) {
            if (rule.matches(call)) {
                return rule.priority();
            }
        }
        return Priority.NORMAL;
    }
}
