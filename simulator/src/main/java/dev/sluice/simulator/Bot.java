package dev.sluice.simulator;

import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** All that one bot has. Its own monitor guards everything in it: whoever touches it holds {@code synchronized (bot)}. */
final class Bot {
    private static final int MOST_OPEN_CALLBACKS = 10_000;

    private final BotAccount account;
    private final FloodControl flood;
    private final MessageStore messages;
    private final UpdateQueue updates;
    private final Map<String, String> commands = new LinkedHashMap<>(); // JSON by scope and language
    private final Set<String> openCallbacks = new LinkedHashSet<>();
    private long lastCallback;

    Bot(BotAccount account, SimulatorSettings settings, SharedBound messagesKept, Vertx vertx, SimulatorClock clock) {
        this.account = account;
        this.flood = new FloodControl(settings.flood());
        this.messages = new MessageStore(messagesKept);
        this.updates = new UpdateQueue(this, vertx, clock, settings);
    }

    long id() {
        return account.id();
    }

    BotAccount account() {
        return account;
    }

    FloodControl flood() {
        return flood;
    }

    MessageStore messages() {
        return messages;
    }

    UpdateQueue updates() {
        return updates;
    }

    Map<String, String> commands() {
        return commands;
    }

    /** A new callback query's id, which can be answered once. */
    String openCallback() {
        String id = Long.toString(account.id() % 1000 * 1_000_000_000_000L + ++lastCallback);
        openCallbacks.add(id);
        if (openCallbacks.size() > MOST_OPEN_CALLBACKS) {
            openCallbacks.remove(openCallbacks.iterator().next());
        }
        return id;
    }

    boolean closeCallback(String id) {
        return openCallbacks.remove(id);
    }
}
