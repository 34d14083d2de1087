package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;
import java.time.Instant;

/**
 * A registered bot, as anybody may see it.
 *
 * @param rules what holds for it, by its registration and the settings
 * @param tokenSince when its present token was confirmed
 * @param tokenReadable whether the key is known that its token was encrypted with
 */
public record Bot(
        BotId id, String username, BotRules rules, Instant added, Instant tokenSince, boolean tokenReadable) {}
