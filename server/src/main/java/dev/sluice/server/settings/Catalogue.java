package dev.sluice.server.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Every name that means something, in the order of the documentation. */
final class Catalogue {
    /** Names read by the launcher, the loader or the commands rather than by the server. */
    static final List<Setting<?>> OF_THE_PROGRAM = List.of(
            Setting.of(
                    "SLUICE_CONFIG",
                    Forms.path(),
                    "sluice.yaml",
                    "Path of the settings file; `--config` overrides it."),
            Setting.of(
                    "SLUICE_URL",
                    Forms.url("http", "https"),
                    "http://127.0.0.1:8000",
                    "Where commands such as `sluice health` find the server."),
            Setting.withoutDefault("SLUICE_TOKEN", Forms.secret(1), "The admin token such commands send.")
                    .secret());

    private static final Map<String, Setting<?>> BY_NAME = byName();

    /**
     * Prefixes under which an unknown name can only be a slip. Others belong to somebody else and are not looked at.
     */
    private static final Pattern OURS = Pattern.compile("(SLUICE|TELEGRAM|REDIS|RATE_LIMIT|IDEMPOTENCY|MESSAGE)_.*");

    /** What bots and the Bot API server themselves read from the same environment. */
    private static final Set<String> OF_NEIGHBOURS =
            Set.of("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "TELEGRAM_API_ID", "TELEGRAM_API_HASH");

    /** What Kubernetes and container links put into the environment for a service called redis or sluice. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern SERVICE_LINK_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    private Catalogue() {}

    static List<Setting<?>> all() {
        return List.copyOf(BY_NAME.values());
    }

    static Set<String> names() {
        return BY_NAME.keySet();
    }

    static Optional<Setting<?>> find(String name) {
        Setting<?> known = BY_NAME.get(name);
        return known != null ? Optional.of(known) : LaterSettings.ofFamily(name);
    }

    /** Whether a name in a shared place (environment, {@code .env}) claims to be one of ours. */
    static boolean claimsToBeOurs(String name) {
        return OURS.matcher(name).matches() && !OF_NEIGHBOURS.contains(name);
    }

    /** Whether the platform set it, for {@code REDIS_PORT=tcp://10.0.0.1:6379} is nobody's setting. */
    static boolean isServiceLink(String name, String value) {
        return SERVICE_LINK.matcher(name).matches()
                || (name.endsWith("_PORT") && SERVICE_LINK_VALUE.matcher(value).matches());
    }

    private static Map<String, Setting<?>> byName() {
        var all = new LinkedHashMap<String, Setting<?>>();
        var sections = List.of(
                StoreSettings.ALL,
                RegionSettings.ALL,
                CachingSettings.ALL,
                TelegramSettings.ALL,
                HttpSettings.ALL,
                AccessSettings.ALL,
                EncryptionSettings.ALL,
                LimitSettings.ALL,
                BudgetSettings.ALL,
                IdempotencySettings.ALL,
                EventSettings.ALL,
                JobSettings.ALL,
                FsmSettings.ALL,
                BundlingSettings.ALL,
                RecentHistorySettings.ALL,
                QueueingSettings.ALL,
                CallbackingSettings.ALL,
                StoreFailureSettings.ALL,
                UploadSettings.ALL,
                LogSettings.ALL,
                OF_THE_PROGRAM,
                LaterSettings.ALL);
        sections.forEach(section -> section.forEach(setting -> all.put(setting.name(), setting)));
        return all;
    }
}
