package dev.sluice.region;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Something of each region, found by what it is to decide. Immutable.
 *
 * <p>Guarantee: all processes whose regions have the same names find the same home, whatever the shares; when a region is added or taken
 * away, only what moves to it or had its home there has another one. That is rendezvous hashing (D. G. Thaler, C. V. Ravishankar, A Name-Based
 * Mapping Scheme for Rendezvous, 1996): the region whose digest together with the name is the greatest.
 */
public final class Homes<T> {
    private final Regions regions;
    private final Map<String, T> byRegion;
    private final List<String> names;

    /** @param byRegion one of each region */
    public Homes(Regions regions, Map<String, T> byRegion) {
        this.regions = regions;
        this.names = regions.names();
        this.byRegion = Map.copyOf(byRegion);
        if (!this.byRegion.keySet().equals(Set.copyOf(names))) {
            throw new IllegalArgumentException("there must be one for each of " + names);
        }
    }

    /** What decides about {@code name}: any text. */
    public T of(String name) {
        return in(homeOf(name));
    }

    /** The region that decides about {@code name}. */
    public String homeOf(String name) {
        String best = names.getFirst();
        long greatest = 0;
        for (String region : names) {
            long weight = weight(region, name);
            if (region.equals(names.getFirst()) || Long.compareUnsigned(weight, greatest) > 0) {
                best = region;
                greatest = weight;
            }
        }
        return best;
    }

    /** What is in one region. */
    public T in(String region) {
        T found = byRegion.get(region);
        if (found == null) {
            throw new IllegalArgumentException("no region is named so; the regions are " + names);
        }
        return found;
    }

    /** What is in this process' own region. */
    public T here() {
        return in(regions.self());
    }

    /** The same made into something else. */
    public <U> Homes<U> map(Function<T, U> change) {
        var changed = new HashMap<String, U>();
        byRegion.forEach((region, member) -> changed.put(region, change.apply(member)));
        return new Homes<>(regions, changed);
    }

    /** All regions, in the order of their names. */
    public List<String> names() {
        return names;
    }

    private static long weight(String region, String name) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(region.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
            return ByteBuffer.wrap(sha256.digest(name.getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
