package dev.sluice.queue;

import dev.sluice.redis.Announcements;
import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Hears of bots that got work through other processes: of each enqueue or change that comes after some worker has found nothing
 * ({@code lanes_announce} in {@code lanes.lua}). News may be lost, so whoever waits for it also looks by itself now and then.
 * Listens once somebody wants to hear. Thread-safe.
 */
final class WorkNews {
    private static final Pattern BOT = Pattern.compile("[0-9]{1,16}");

    private final Optional<Announcements> announcements;
    private final String channel;
    private final List<Consumer<BotId>> listeners = new CopyOnWriteArrayList<>();
    private Optional<Subscription> subscription = Optional.empty();

    /** @param announcements empty where there are no other processes, or where they cannot be heard */
    WorkNews(Optional<Announcements> announcements, KeySpace keys) {
        this.announcements = announcements;
        String key = QueueScripts.registry(keys).getFirst();
        this.channel = key.substring(0, key.indexOf('{')) + "work";
    }

    synchronized void hear(Consumer<BotId> listener) {
        listeners.add(listener);
        if (subscription.isEmpty()) {
            subscription = announcements.map(all -> all.listen(channel, this::heard));
        }
    }

    synchronized boolean isLive() {
        return subscription.filter(Subscription::isLive).isPresent();
    }

    private void heard(String bot) {
        if (BOT.matcher(bot).matches()) {
            var id = new BotId(Long.parseLong(bot));
            listeners.forEach(listener -> listener.accept(id));
        }
    }
}
