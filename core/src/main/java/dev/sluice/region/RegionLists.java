package dev.sluice.region;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By which lists of regions gateways run. Each shows its own in its region's Redis, for {@link #SHOWN} from the last time, and looks at what
 * is shown in all regions. Thread-safe.
 */
public final class RegionLists {
    /** How long a list counts as in use after a gateway has shown it. */
    public static final Duration SHOWN = Duration.ofSeconds(30);

    private static final Script LISTS = Script.of("region/lists", new Script.Part(RegionLists.class, "lists.lua"));
    private static final byte[] NOTHING = {};
    private static final Pattern SHARE = Pattern.compile("=[0-9.]+");

    private final Regions regions;
    private final Homes<ScriptRunner> runners;
    private final String key;

    /** @param runners of all regions, this one included */
    public RegionLists(Regions regions, Homes<ScriptRunner> runners, KeySpace keys) {
        this.regions = regions;
        this.runners = runners;
        this.key = keys.key("regions", "all", "lists");
    }

    /** How another gateway's list is another. */
    public enum Kind {
        /** It calls that Redis by another region's name. */
        NAME,
        /** It has other regions: keys have other homes there. */
        REGIONS,
        /** It divides otherwise. */
        SHARES
    }

    /**
     * A gateway that runs by another list.
     *
     * @param region in whose Redis that is shown
     * @param theirs its own region and its list
     */
    public record Difference(Kind kind, String region, String theirs) {
        /** Whether both cannot be right about what must be unique. */
        public boolean isSerious() {
            return kind != Kind.SHARES;
        }

        @Override
        public String toString() {
            return switch (kind) {
                case NAME -> "the Redis of region " + region + " serves a gateway as " + theirs;
                case REGIONS -> "a gateway of region " + region + " has other regions: " + theirs;
                case SHARES -> "a gateway of region " + region + " has other shares: " + theirs;
            };
        }
    }

    /**
     * Shows this gateway's list once more.
     *
     * @throws RedisUnavailableException if its own Redis does not answer
     */
    public void show() {
        run(runners.here(), entry(regions.self()).getBytes(StandardCharsets.UTF_8));
    }

    /** What others show that is not this gateway's list; of regions that do not answer nothing is known. */
    public List<Difference> differences() {
        var found = new ArrayList<Difference>();
        for (String region : regions.names()) {
            try {
                ScriptReply reply = run(runners.in(region), NOTHING);
                for (int i = 0; i < reply.size(); i++) {
                    difference(region, reply.text(i)).ifPresent(found::add);
                }
            } catch (RedisUnavailableException e) {
                // Said elsewhere; it is looked at again.
            }
        }
        return List.copyOf(found);
    }

    private Optional<Difference> difference(String region, String shown) {
        String mine = entry(region);
        if (shown.equals(mine)) {
            return Optional.empty();
        }
        Kind kind = !shown.startsWith(region + " ")
                ? Kind.NAME
                : withoutShares(shown).equals(withoutShares(mine)) ? Kind.SHARES : Kind.REGIONS;
        return Optional.of(new Difference(kind, region, shown));
    }

    private String entry(String region) {
        return region + " of " + regions.list();
    }

    private static String withoutShares(String entry) {
        return SHARE.matcher(entry).replaceAll("");
    }

    private ScriptReply run(ScriptRunner runner, byte[] shown) {
        byte[] micros = Long.toString(SHOWN.toMillis() * 1_000).getBytes(StandardCharsets.US_ASCII);
        return runner.run(LISTS, List.of(key), List.of(shown, micros));
    }
}
