package dev.sluice.region;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The regions that serve the same bots, and which of them this process is in. Immutable.
 *
 * <p>Guarantee: processes of all regions that have the same shares compute the same {@link #parts}.
 *
 * @param self the region of this process
 * @param shares of all regions, {@link #LEAST} to {@link #MOST} of them, in any order; kept in the order of their names
 */
public record Regions(String self, List<Share> shares) {
    public static final int LEAST = 2;

    /** More would leave each a share too small to be of use. */
    public static final int MOST = 16;

    /** Shares are counted in ten-thousandths: exact, unlike fractions of two. */
    public static final int WHOLE = 10_000;

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,15}");

    /**
     * What one region has of everything that is divided.
     *
     * @param region its name, 1-16 of {@code a-z 0-9 -}, a letter first
     * @param tenThousandths 1 to 9,999
     */
    public record Share(String region, int tenThousandths) {
        public Share {
            if (!NAME.matcher(region).matches()) {
                throw new IllegalArgumentException("a region's name has 1-16 of a-z, 0-9 and -, a letter first");
            }
            if (tenThousandths < 1 || tenThousandths >= WHOLE) {
                throw new IllegalArgumentException("the share of " + region + " must be 0.0001 to 0.9999");
            }
        }

        @Override
        public String toString() {
            return region + "="
                    + new BigDecimal(tenThousandths)
                            .movePointLeft(4)
                            .stripTrailingZeros()
                            .toPlainString();
        }
    }

    /** @throws IllegalArgumentException if the list makes no sense; the message says why */
    public Regions {
        shares = shares.stream().sorted(Comparator.comparing(Share::region)).toList();
        if (shares.size() < LEAST || shares.size() > MOST) {
            throw new IllegalArgumentException(
                    "there must be " + LEAST + " to " + MOST + " regions, not " + shares.size());
        }
        Set<String> seen = new HashSet<>();
        for (Share share : shares) {
            if (!seen.add(share.region())) {
                throw new IllegalArgumentException("region " + share.region() + " is there twice");
            }
        }
        int sum = sum(shares);
        if (sum > WHOLE) {
            throw new IllegalArgumentException(
                    "the shares add up to " + new BigDecimal(sum).movePointLeft(4) + ", which is more than 1");
        }
        if (!seen.contains(self)) {
            throw new IllegalArgumentException("the regions are " + String.join(", ", sorted(seen)) + ", and none is "
                    + (NAME.matcher(self).matches() ? self : "named so"));
        }
    }

    /** All names, in their order. */
    public List<String> names() {
        return shares.stream().map(Share::region).toList();
    }

    /** The share of this process' region, in ten-thousandths. */
    public int ownShare() {
        return shares.stream()
                .filter(share -> share.region().equals(self))
                .mapToInt(Share::tenThousandths)
                .findFirst()
                .orElseThrow();
    }

    /** The list as all regions write it: {@code asia=0.2,eu=0.5,us=0.3}. */
    public String list() {
        return shares.stream().map(Share::toString).collect(Collectors.joining(","));
    }

    /** This region's part of {@link #parts}. */
    public int part(int whole) {
        return parts(whole).getOrDefault(self, 0);
    }

    /**
     * Divides a whole number: 0 for everybody if there are fewer than regions, else at least 1 for each, and never more than {@code whole}
     * together. If the shares add up to 1 the parts add up to {@code whole}, by the method of the largest remainder (A. Hamilton, 1792); if
     * to less, all are rounded down.
     */
    public Map<String, Integer> parts(int whole) {
        var parts = new HashMap<String, Integer>();
        if (whole < shares.size()) {
            return Map.of();
        }
        var pending = new ArrayList<>(shares);
        long rest = whole;
        long of = WHOLE;
        for (boolean settled = false; !settled; ) {
            settled = true;
            for (Share share : List.copyOf(pending)) {
                if (rest * share.tenThousandths() < of) {
                    parts.put(share.region(), 1);
                    pending.remove(share);
                    rest--;
                    of -= share.tenThousandths();
                    settled = false;
                }
            }
        }
        long left = sum(shares) == WHOLE ? rest : 0;
        for (Share share : pending) {
            long part = rest * share.tenThousandths() / of;
            parts.put(share.region(), (int) part);
            left -= part;
        }
        long divided = rest;
        long divisor = of;
        pending.sort(Comparator.<Share>comparingLong(share -> divided * share.tenThousandths() % divisor)
                .reversed()
                .thenComparing(Share::region));
        for (int i = 0; i < left; i++) {
            parts.merge(pending.get(i).region(), 1, Integer::sum);
        }
        return Map.copyOf(parts);
    }

    private static int sum(List<Share> shares) {
        return shares.stream().mapToInt(Share::tenThousandths).sum();
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
