package dev.sluice.keys;

import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How many keys of a family there are.
 *
 * @param name the family's, or what can be shown of keys that are of none
 * @param family empty for keys of none
 * @param withoutTtl how many of them have no TTL
 * @param ofOtherType how many are of another type than the family
 * @param shortestMillis the least time that one still has, of those with a TTL
 * @param longestMillis the most
 * @param bytes what they take, of large ones an estimate; as far as Redis tells
 */
public record FamilyCount(
        String name,
        Optional<KeyFamily> family,
        long keys,
        long withoutTtl,
        long ofOtherType,
        OptionalLong shortestMillis,
        OptionalLong longestMillis,
        long bytes) {

    /** Of a family of which nothing is there. */
    static FamilyCount none(KeyFamily family) {
        return new FamilyCount(
                family.name(), Optional.of(family), 0, 0, 0, OptionalLong.empty(), OptionalLong.empty(), 0);
    }

    /** What is wrong with them; empty if nothing is. */
    public Set<KeyFault> faults() {
        var faults = EnumSet.noneOf(KeyFault.class);
        if (keys > 0 && family.isEmpty()) {
            faults.add(KeyFault.UNKNOWN);
        }
        if (withoutTtl > 0 && !family.map(KeyFamily::owned).orElse(false)) {
            faults.add(KeyFault.WITHOUT_TTL);
        }
        if (ofOtherType > 0) {
            faults.add(KeyFault.OTHER_TYPE);
        }
        return faults;
    }
}
