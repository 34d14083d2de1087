package dev.sluice.server.settings;

import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Set;

/**
 * Which bots may use the gateway, and what is granted to single ones.
 *
 * @param bots the bots let in beside those that are registered; empty means that registered bots only are, or every bot whose
 *     token Telegram accepts: see {@link ServerSettings#servesEveryBot}
 * @param open whether every bot may come although other machines can reach the gateway
 * @param skipLimits bots that may ask to skip our own limits, unless their registration says otherwise
 * @param dedupeContent bots whose sends without a key get one derived from their content, unless their registration says otherwise
 */
public record AccessSettings(Set<BotId> bots, boolean open, Set<BotId> skipLimits, Set<BotId> dedupeContent) {
    static final Setting<Set<BotId>> BOTS = Setting.withoutDefault(
            "SLUICE_BOTS",
            Forms.botIds(),
            "The bots that may use the gateway beside the registered ones. When other machines can reach it, nobody else may, unless"
                    + " SLUICE_OPEN is true; on a loopback address everybody may while this is not set.");

    /** An open relay must be somebody's decision. */
    private static final String DEFAULT_OPEN = "false";

    static final Setting<Boolean> OPEN = Setting.of(
            "SLUICE_OPEN",
            Forms.bool(),
            DEFAULT_OPEN,
            "Lets every bot with a valid token in, also from other machines.");
    static final Setting<Set<BotId>> SKIP_LIMITS = Setting.withoutDefault(
            "SLUICE_SKIP_LIMITS",
            Forms.botIds(),
            "Bots that may send `X-Sluice-Skip-Limits: true`: such a call never waits for Sluice's limits, only for Telegram's 429. A bot's registration may say otherwise.");
    static final Setting<Set<BotId>> DEDUPE_CONTENT = Setting.withoutDefault(
            "SLUICE_DEDUPE_CONTENT",
            Forms.botIds(),
            "Bots whose sends without an `Idempotency-Key` get one derived from their content. A bot's registration may say otherwise.");

    static final List<Setting<?>> ALL = List.of(BOTS, OPEN, SKIP_LIMITS, DEDUPE_CONTENT);

    static AccessSettings read(Reading reading) {
        return new AccessSettings(
                reading.find(BOTS).orElse(Set.of()),
                reading.get(OPEN),
                reading.find(SKIP_LIMITS).orElse(Set.of()),
                reading.find(DEDUPE_CONTENT).orElse(Set.of()));
    }
}
