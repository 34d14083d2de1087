package dev.sluice.fsm;

import dev.sluice.state.FieldName;
import dev.sluice.state.JsonValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A change of a conversation and on what condition it is made: all of it in one step, or nothing. Immutable; put together from {@link #NOTHING}.
 *
 * @param expected the state that it must have
 * @param version that it must have; 0 if nothing may be known of it
 * @param fence of the lock under which it is written, 1 or more: refused if a greater one was seen
 * @param next the state that it has then
 * @param replaces whether {@code puts} are all of its data then
 * @param puts up to {@link FsmStorage#MOST_FIELDS}; of a name that is also removed, it is put
 * @param removes names; those that are not there do no harm
 */
public record FsmWrite(
        StateTerm expected,
        OptionalLong version,
        OptionalLong fence,
        StateTerm next,
        boolean replaces,
        Map<String, JsonValue> puts,
        Set<String> removes) {
    /** Changes nothing but that it is touched; with a fence, lesser ones are refused from then on. */
    public static final FsmWrite NOTHING = new FsmWrite(
            StateTerm.ANY, OptionalLong.empty(), OptionalLong.empty(), StateTerm.ANY, false, Map.of(), Set.of());

    /** Neither state nor data afterwards. */
    public static final FsmWrite CLEAR = NOTHING.toNoState().replacing(Map.of());

    public FsmWrite {
        puts = Map.copyOf(puts);
        removes = Set.copyOf(removes);
        puts.keySet().forEach(FieldName::require);
        removes.forEach(FieldName::require);
        if (puts.size() > FsmStorage.MOST_FIELDS || removes.size() > FsmStorage.MOST_FIELDS) {
            throw new IllegalArgumentException("a write may put and remove up to " + FsmStorage.MOST_FIELDS
                    + " fields each, not " + puts.size() + " and " + removes.size());
        }
        if (version.isPresent() && version.getAsLong() < 0) {
            throw new IllegalArgumentException("a version must be 0 or more, not " + version.getAsLong());
        }
        if (fence.isPresent() && (fence.getAsLong() < 1 || fence.getAsLong() > ConversationKey.GREATEST_ID)) {
            throw new IllegalArgumentException("a fence must be 1 to 2^53, not " + fence.getAsLong());
        }
    }

    /** Whether it would change anything of state or data. */
    boolean changes() {
        return !next.equals(StateTerm.ANY) || replaces || !puts.isEmpty() || !removes.isEmpty();
    }

    /** @param name of the form {@link StateTerm#FORM} */
    public FsmWrite toState(String name) {
        return to(StateTerm.named(name));
    }

    public FsmWrite toNoState() {
        return to(StateTerm.NONE);
    }

    public FsmWrite to(StateTerm newNext) {
        return new FsmWrite(expected, version, fence, newNext, replaces, puts, removes);
    }

    /** Only if it has this state. */
    public FsmWrite ifState(String name) {
        return ifState(StateTerm.named(name));
    }

    public FsmWrite ifState(StateTerm newExpected) {
        return new FsmWrite(newExpected, version, fence, next, replaces, puts, removes);
    }

    /** Only if nobody has changed it since. */
    public FsmWrite ifVersion(long newVersion) {
        return new FsmWrite(expected, OptionalLong.of(newVersion), fence, next, replaces, puts, removes);
    }

    /** Under a lock, by its fence. */
    public FsmWrite underFence(long newFence) {
        return new FsmWrite(expected, version, OptionalLong.of(newFence), next, replaces, puts, removes);
    }

    public FsmWrite put(String name, JsonValue value) {
        return put(Map.of(name, value));
    }

    /** Beside what is put already. */
    public FsmWrite put(Map<String, JsonValue> more) {
        var all = new HashMap<>(puts);
        all.putAll(more);
        return new FsmWrite(expected, version, fence, next, replaces, all, removes);
    }

    /** All other data go. */
    public FsmWrite replacing(Map<String, JsonValue> all) {
        return new FsmWrite(expected, version, fence, next, true, all, removes);
    }

    public FsmWrite remove(String... names) {
        var all = new HashSet<>(removes);
        all.addAll(List.of(names));
        return new FsmWrite(expected, version, fence, next, replaces, puts, all);
    }

    /** Without the data. */
    @Override
    public String toString() {
        return "FsmWrite[" + expected + " -> " + next + ", " + puts.size() + " put, " + removes.size() + " removed]";
    }
}
