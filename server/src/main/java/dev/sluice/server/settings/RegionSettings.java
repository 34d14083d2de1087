package dev.sluice.server.settings;

import dev.sluice.redis.RedisSettings;
import dev.sluice.region.Regions;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The regions that serve the same bots, each with a Redis of its own.
 *
 * @param regions empty if there is only one
 * @param urls of all regions' Redis, in the form of {@code REDIS_URL}; they hold passwords
 * @param chats whether the limits of chats are divided too
 * @param timeout the deadline of a step in another region, to which the round trip measured at start is added
 */
public record RegionSettings(Optional<Regions> regions, Map<String, String> urls, Chats chats, Duration timeout) {
    /** Which regions send to a chat. */
    public enum Chats {
        /** Any: its limits are divided. */
        SHARED,
        /** Always the same one, as their bots take care of: it has all of its limits. */
        OWN
    }

    /** Nothing may be flooded, whoever sends. */
    private static final String DEFAULT_CHATS = "shared";

    /** Packets that are lost between continents cost a retransmission of 200 ms and more. */
    private static final String DEFAULT_TIMEOUT = "500ms";

    /** Between two regions: what stands in front of a URL follows the comma, so URLs may hold commas. */
    private static final Pattern BETWEEN = Pattern.compile("\\s*,\\s*(?=[^=@,/]*=[^=@,/]*@rediss?(-sentinel)?://)");

    private static final Pattern REGION = Pattern.compile("([^=]*)=(0?\\.\\d{1,4})@(.*)");

    static final Setting<String> REGION_NAME = Setting.withoutDefault(
            "SLUICE_REGION",
            Forms.text("the name of one of SLUICE_REGIONS"),
            "The region that this process is in (docs/regions.md).");
    static final Setting<List<Listed>> REGIONS = Setting.withoutDefault(
                    "SLUICE_REGIONS",
                    new Form<>(
                            "name=share@redis-url for each region, separated by commas; shares are decimals of up to 4 places that"
                                    + " add up to 1 at most: eu=0.6@redis://10.0.0.5,us=0.4@redis://10.1.0.5",
                            RegionSettings::parse),
                    "All regions that serve the same bots, with the share of each in all limits and its Redis, instead of REDIS_URL;"
                            + " the same regions and shares in all processes.")
            .holdingCredentials();
    static final Setting<Chats> CHATS = Setting.of(
            "SLUICE_REGION_CHATS",
            Forms.choice(Chats.class),
            DEFAULT_CHATS,
            "Whether the limits of chats, groups and users are divided among regions, or each chat is always served by one region.");
    static final Setting<Duration> TIMEOUT = Setting.of(
            "SLUICE_REGION_TIMEOUT",
            Forms.duration(Duration.ofMillis(1), Duration.ofSeconds(30)),
            DEFAULT_TIMEOUT,
            "Deadline of a step in another region's Redis; the round trip measured at start is added.");

    static final List<Setting<?>> ALL = List.of(REGION_NAME, REGIONS, CHATS, TIMEOUT);

    /** One region as it is written. */
    record Listed(Regions.Share share, String url) {}

    static RegionSettings read(Reading reading) {
        Chats chats = reading.get(CHATS);
        Duration timeout = reading.get(TIMEOUT);
        Optional<List<Listed>> listed = reading.find(REGIONS);
        if (listed.isEmpty()) {
            if (!reading.isSet(REGIONS)) {
                refuseAlone(reading, REGION_NAME);
                refuseAlone(reading, CHATS);
                refuseAlone(reading, TIMEOUT);
            }
            return new RegionSettings(Optional.empty(), Map.of(), chats, timeout);
        }
        if (!reading.isSet(REGION_NAME)) {
            reading.refuse(REGIONS, "SLUICE_REGION must say which of them this process is in");
        }
        for (Setting<?> one : List.of(StoreSettings.REDIS_URL, StoreSettings.REDIS_HOST)) {
            if (reading.isSet(one)) {
                reading.refuse(one, "SLUICE_REGIONS names the Redis of this region as well; set one of the two");
            }
        }
        if (!reading.isSet(EncryptionSettings.SECRET_KEY)) {
            reading.refuse(
                    REGIONS,
                    "SLUICE_SECRET_KEY must be set, the same in all regions: else none could read what another keeps");
        }
        var urls = new LinkedHashMap<String, String>();
        listed.get().forEach(one -> urls.put(one.share().region(), one.url()));
        Optional<Regions> regions = reading.find(REGION_NAME).flatMap(self -> {
            try {
                return Optional.of(new Regions(
                        self, listed.get().stream().map(Listed::share).toList()));
            } catch (IllegalArgumentException e) {
                reading.refuse(REGION_NAME, String.valueOf(e.getMessage()));
                return Optional.empty();
            }
        });
        return new RegionSettings(regions, urls, chats, timeout);
    }

    /** Where a region has its Redis. */
    public String url(String region) {
        return Objects.requireNonNull(urls.get(region), region);
    }

    /** Where this process' own region has its Redis. */
    Optional<String> ownUrl() {
        return regions.map(all -> url(all.self()));
    }

    private static void refuseAlone(Reading reading, Setting<?> setting) {
        if (reading.isSet(setting)) {
            reading.refuse(setting, "means nothing without SLUICE_REGIONS");
        }
    }

    private static List<Listed> parse(String text) {
        var listed = new ArrayList<Listed>();
        for (String one : BETWEEN.split(text.strip())) {
            Matcher parts = REGION.matcher(one);
            if (!parts.matches()) {
                throw new Form.Complaint("region " + (listed.size() + 1) + " is not written so");
            }
            int share = new BigDecimal(parts.group(2)).movePointRight(4).intValueExact();
            try {
                RedisSettings.parse(parts.group(3));
                listed.add(new Listed(new Regions.Share(parts.group(1), share), parts.group(3)));
            } catch (IllegalArgumentException e) {
                throw new Form.Complaint("region " + (listed.size() + 1) + ": " + e.getMessage());
            }
        }
        try {
            new Regions(
                    listed.getFirst().share().region(),
                    listed.stream().map(Listed::share).toList());
        } catch (IllegalArgumentException e) {
            throw new Form.Complaint(String.valueOf(e.getMessage()));
        }
        return listed;
    }

    @Override
    public String toString() {
        return "RegionSettings[" + regions + ", " + chats + ", " + timeout + "]";
    }
}
