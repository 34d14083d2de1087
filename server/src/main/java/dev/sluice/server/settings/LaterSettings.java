package dev.sluice.server.settings;

import dev.sluice.cache.CacheMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Names of parts that come with later versions. They are checked like all others, so that a file written for a later
 * version works now and a slip in it does not wait until then.
 */
final class LaterSettings {
    private static final Form<Duration> CACHE_LIFE = Forms.duration(Duration.ofMillis(1), Duration.ofDays(31));

    /** The families whose last part users choose, with what stands there. */
    static final String CACHE_PREFIX = "SLUICE_CACHE_";

    private enum Inbound {
        OFF,
        GUARD
    }

    static final List<Setting<?>> ALL = List.copyOf(all());

    private LaterSettings() {}

    /** The setting of a name that belongs to a family, such as {@code SLUICE_CACHE_PRICES}. */
    static Optional<Setting<?>> ofFamily(String name) {
        return name.matches(CACHE_PREFIX + "[A-Z0-9_]{1,64}") ? Optional.of(cache(name, "A cache")) : Optional.empty();
    }

    private static List<Setting<?>> all() {
        var all = new ArrayList<Setting<?>>();
        all.add(Setting.withoutDefault(
                        "DATABASE_URL",
                        Forms.text("a PostgreSQL URL: postgresql://user:password@host/database")
                                .map(LaterSettings::postgres),
                        "The PostgreSQL of what must outlive Redis.")
                .holdingCredentials()
                .later());
        all.add(Setting.of("SLUICE_INBOUND", Forms.choice(Inbound.class), "off", "Guards updates on their way in.")
                .later());
        all.add(Setting.withoutDefault(
                        "SLUICE_PUBLIC_URL", Forms.url("https", "http"), "Where Telegram reaches Sluice.")
                .later());
        String[][] lives = {{"PAYMENT", "1800"}};
        for (String[] life : lives) {
            all.add(Setting.of("REDIS_TTL_" + life[0], CACHE_LIFE, life[1], "How long such keys live.")
                    .later());
        }
        return all;
    }

    private static Setting<CacheMode> cache(String name, String what) {
        return Setting.of(name, Forms.choice(CacheMode.class), "redis", what + ": where it is kept.")
                .later();
    }

    private static String postgres(String url) {
        var scheme = url.contains("://") ? url.substring(0, url.indexOf("://")) : "";
        if (!Set.of("postgres", "postgresql", "jdbc:postgresql").contains(scheme)) {
            throw new Form.Complaint("it does not start with postgresql://");
        }
        return url;
    }
}
