package dev.sluice.simulator;

import java.time.Duration;

/**
 * Everything that can be set about a simulator. Immutable.
 *
 * <p>With {@link #magicChats} (the default) these chat ids always answer the same, so that each error can be tried with curl:
 *
 * <table>
 * <caption>Magic chat ids</caption>
 * <tr><td>999000400</td><td>400 chat not found</td></tr>
 * <tr><td>999000403</td><td>403 bot was blocked by the user</td></tr>
 * <tr><td>999001403</td><td>403 user is deactivated</td></tr>
 * <tr><td>-999000403</td><td>403 bot was kicked from the group chat</td></tr>
 * <tr><td>-999000400</td><td>400 migrated, to -1009990004000</td></tr>
 * <tr><td>999000429</td><td>429, retry after 5</td></tr>
 * <tr><td>999000500</td><td>500 Internal Server Error: restart</td></tr>
 * <tr><td>999000502</td><td>502 with an HTML body</td></tr>
 * </table>
 *
 * @param host the address to bind, loopback unless told otherwise
 * @param port 0 lets the system choose
 * @param anyToken whether every well-formed token ({@code <id>:<35 of A-Z a-z 0-9 _ ->}) is a bot, but those of bots that were
 *     added with another token, and revoked ones
 * @param magicChats whether the ids above answer as listed
 * @param flood the limits
 * @param bounds how much is kept
 * @param updates how updates reach bots
 * @param seed of everything random, such as faults with a probability
 */
public record SimulatorSettings(
        String host,
        int port,
        boolean anyToken,
        boolean magicChats,
        FloodLimits flood,
        Bounds bounds,
        Updates updates,
        long seed) {

    /**
     * How much is kept; past each bound the oldest go, unless it says otherwise.
     *
     * @param ledgerEntries over all bots
     * @param ledgerParameters newest entries per bot that keep their parameters
     * @param messages over all bots; older ones can no longer be edited, copied, replied to
     * @param fileBytes uploaded bytes over all bots, those still arriving included
     * @param uploadBytes one call's body, else 413
     * @param pendingUpdates per bot
     * @param bots in all; past it, new ones are refused
     * @param chats whose state was set, and channels whose name was seen; past it, states are refused and names forgotten
     */
    public record Bounds(
            int ledgerEntries,
            int ledgerParameters,
            int messages,
            long fileBytes,
            long uploadBytes,
            int pendingUpdates,
            int bots,
            int chats) {
        public Bounds {
            if (ledgerEntries < 1
                    || ledgerParameters < 0
                    || messages < 1
                    || fileBytes < 0
                    || uploadBytes < 1
                    || pendingUpdates < 1
                    || bots < 1
                    || chats < 1) {
                throw new IllegalArgumentException("bounds are 1 or more");
            }
        }

        public static Bounds defaults() {
            return new Bounds(1_000_000, 100_000, 100_000, 128L << 20, 55L << 20, 100_000, 10_000, 100_000);
        }

        public Bounds withLedgerEntries(int entries) {
            return new Bounds(entries, ledgerParameters, messages, fileBytes, uploadBytes, pendingUpdates, bots, chats);
        }

        public Bounds withLedgerParameters(int entries) {
            return new Bounds(ledgerEntries, entries, messages, fileBytes, uploadBytes, pendingUpdates, bots, chats);
        }

        public Bounds withMessages(int count) {
            return new Bounds(
                    ledgerEntries, ledgerParameters, count, fileBytes, uploadBytes, pendingUpdates, bots, chats);
        }

        public Bounds withFileBytes(long bytes) {
            return new Bounds(
                    ledgerEntries, ledgerParameters, messages, bytes, uploadBytes, pendingUpdates, bots, chats);
        }

        public Bounds withUploadBytes(long bytes) {
            return new Bounds(ledgerEntries, ledgerParameters, messages, fileBytes, bytes, pendingUpdates, bots, chats);
        }

        public Bounds withPendingUpdates(int count) {
            return new Bounds(ledgerEntries, ledgerParameters, messages, fileBytes, uploadBytes, count, bots, chats);
        }
    }

    /**
     * How updates reach bots.
     *
     * @param conflictDelay a 409 that follows another one within this time is answered this much later
     * @param webhookTimeout for one delivery
     * @param webhookFirstRetry the wait before the second retry (the first retry is immediate); doubles from there
     * @param webhookLongestRetry where the doubling ends
     * @param expiry an update that was not delivered for so long is dropped
     * @param callbackExpiry the same, for callback queries
     */
    public record Updates(
            Duration conflictDelay,
            Duration webhookTimeout,
            Duration webhookFirstRetry,
            Duration webhookLongestRetry,
            Duration expiry,
            Duration callbackExpiry) {
        public static Updates defaults() {
            return new Updates(
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(60),
                    Duration.ofHours(24),
                    Duration.ofSeconds(150));
        }

        public Updates withConflictDelay(Duration delay) {
            return new Updates(delay, webhookTimeout, webhookFirstRetry, webhookLongestRetry, expiry, callbackExpiry);
        }

        public Updates withWebhookTimeout(Duration timeout) {
            return new Updates(conflictDelay, timeout, webhookFirstRetry, webhookLongestRetry, expiry, callbackExpiry);
        }

        public Updates withWebhookRetries(Duration first, Duration longest) {
            return new Updates(conflictDelay, webhookTimeout, first, longest, expiry, callbackExpiry);
        }

        public Updates withExpiry(Duration any, Duration callbacks) {
            return new Updates(conflictDelay, webhookTimeout, webhookFirstRetry, webhookLongestRetry, any, callbacks);
        }
    }

    public SimulatorSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is 0 to 65535, not " + port);
        }
        flood.requireWindowsLongerThanTolerance();
    }

    /** Telegram's numbers, loopback, a port of the system's choice, any well-formed token. */
    public static SimulatorSettings defaults() {
        return new SimulatorSettings(
                "127.0.0.1", 0, true, true, FloodLimits.telegram(), Bounds.defaults(), Updates.defaults(), 0);
    }

    public SimulatorSettings withHost(String address) {
        return new SimulatorSettings(address, port, anyToken, magicChats, flood, bounds, updates, seed);
    }

    public SimulatorSettings withPort(int number) {
        return new SimulatorSettings(host, number, anyToken, magicChats, flood, bounds, updates, seed);
    }

    public SimulatorSettings withAnyToken(boolean any) {
        return new SimulatorSettings(host, port, any, magicChats, flood, bounds, updates, seed);
    }

    public SimulatorSettings withMagicChats(boolean magic) {
        return new SimulatorSettings(host, port, anyToken, magic, flood, bounds, updates, seed);
    }

    public SimulatorSettings withFlood(FloodLimits limits) {
        return new SimulatorSettings(host, port, anyToken, magicChats, limits, bounds, updates, seed);
    }

    public SimulatorSettings withBounds(Bounds most) {
        return new SimulatorSettings(host, port, anyToken, magicChats, flood, most, updates, seed);
    }

    public SimulatorSettings withUpdates(Updates delivery) {
        return new SimulatorSettings(host, port, anyToken, magicChats, flood, bounds, delivery, seed);
    }

    public SimulatorSettings withSeed(long number) {
        return new SimulatorSettings(host, port, anyToken, magicChats, flood, bounds, updates, number);
    }
}
