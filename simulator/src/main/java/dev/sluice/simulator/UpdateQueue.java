package dev.sluice.simulator;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A bot's updates until they are confirmed, by offset or by a webhook's 200; and the one long poll that may wait for them. Its
 * bot's lock guards it; timers take that lock.
 */
final class UpdateQueue {
    private static final long FIRST_ID = 500_000_000;
    private static final int MOST_AT_ONCE = 100;
    private static final int LONGEST_POLL_SECONDS = 50;
    private static final Set<String> ONLY_ON_REQUEST =
            Set.of("chat_member", "message_reaction", "message_reaction_count");
    private static final String OTHER_POLL =
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    private static final String WEBHOOK_ACTIVE =
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

    private record Poll(Promise<ApiAnswer> reply, int limit, long timer) {}

    private final Object botLock;
    private final Vertx vertx;
    private final SimulatorClock clock;
    private final SimulatorSettings.Updates settings;
    private final int mostPending;
    private final TreeMap<Long, Update> pending = new TreeMap<>();
    private final Set<String> allowed = new HashSet<>(); // empty: all but those on request
    private long nextId = FIRST_ID;
    private long conflictsDelayedUntil;
    private @Nullable Poll poll;
    private @Nullable Webhook webhook;

    UpdateQueue(Object botLock, Vertx vertx, SimulatorClock clock, SimulatorSettings settings) {
        this.botLock = botLock;
        this.vertx = vertx;
        this.clock = clock;
        this.settings = settings.updates();
        this.mostPending = settings.bounds().pendingUpdates();
    }

    /** Queues an update, unless the bot does not want its type. */
    void add(String type, long lane, JsonNode payload) {
        if (allowed.isEmpty() ? ONLY_ON_REQUEST.contains(type) : !allowed.contains(type)) {
            return;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("update_id", nextId);
        json.set(type, payload);
        Update update = new Update(nextId++, type, lane, ApiAnswer.JSON.writeValueAsBytes(json), clock.nanos());
        pending.put(update.id(), update);
        if (pending.size() > mostPending) {
            pending.pollFirstEntry();
        }
        if (webhook != null) {
            webhook.offer(update);
        } else if (poll != null) {
            Poll waiting = poll;
            endPoll();
            waiting.reply().tryComplete(oldest(waiting.limit()));
        }
    }

    /** getUpdates, answered now or when there is something. */
    void poll(ApiCall call, Promise<ApiAnswer> reply) {
        if (webhook != null) {
            conflict(reply, WEBHOOK_ACTIVE);
            return;
        }
        interruptPoll(OTHER_POLL);
        allowOnly(call);
        confirm(call.number("offset", 0));
        forgetExpired();
        int wanted = call.number("limit", MOST_AT_ONCE);
        int limit = wanted < 1 || wanted > MOST_AT_ONCE ? MOST_AT_ONCE : wanted;
        int seconds = Math.clamp(call.number("timeout", 0), 0, LONGEST_POLL_SECONDS);
        if (!pending.isEmpty() || seconds == 0) {
            reply.tryComplete(oldest(limit));
            return;
        }
        long timer = vertx.setTimer(seconds * 1000L, elapsed -> endWithNothing(reply));
        poll = new Poll(reply, limit, timer);
    }

    /** Replaces the webhook; null is none. What is pending stays pending. */
    void use(@Nullable Webhook next) {
        if (webhook != null) {
            webhook.close();
        }
        webhook = next;
        if (next != null) {
            interruptPoll("Conflict: terminated by setWebhook request");
            pending.values().forEach(next::offer);
        }
    }

    @Nullable Webhook webhook() {
        return webhook;
    }

    void allowOnly(ApiCall call) {
        call.json("allowed_updates").ifPresent(types -> {
            if (!types.isArray()) {
                throw Refusal.badRequest("can't parse allowed_updates JSON object");
            }
            allowed.clear();
            types.forEach(type -> allowed.add(type.asString("")));
        });
    }

    Set<String> allowed() {
        return Set.copyOf(allowed);
    }

    int size() {
        forgetExpired();
        return pending.size();
    }

    void clear() {
        pending.clear();
    }

    void delivered(Update update) {
        pending.remove(update.id());
    }

    /** Whether it still waits: not confirmed, not dropped, not too old. */
    boolean awaits(Update update) {
        if (isExpired(update)) {
            pending.remove(update.id());
        }
        return pending.containsKey(update.id());
    }

    private void confirm(int offset) {
        if (offset > 0) {
            pending.headMap((long) offset).clear();
        } else if (offset < 0) {
            while (pending.size() > -(long) offset) {
                pending.pollFirstEntry();
            }
        }
    }

    private ApiAnswer oldest(int limit) {
        StringBuilder array = new StringBuilder("[");
        pending.values().stream()
                .limit(limit)
                .forEach(update -> array.append(array.length() > 1 ? "," : "")
                        .append(new String(update.json(), StandardCharsets.UTF_8)));
        return ApiAnswer.raw(array.append(']').toString().getBytes(StandardCharsets.UTF_8));
    }

    private void endWithNothing(Promise<ApiAnswer> reply) {
        synchronized (botLock) {
            if (poll != null && poll.reply().equals(reply)) {
                endPoll();
                reply.tryComplete(oldest(MOST_AT_ONCE));
            }
        }
    }

    private void interruptPoll(String why) {
        if (poll != null) {
            Promise<ApiAnswer> reply = poll.reply();
            endPoll();
            if (!reply.future().isComplete()) { // else its caller is gone
                conflict(reply, why);
            }
        }
    }

    private void endPoll() {
        if (poll != null) {
            vertx.cancelTimer(poll.timer());
            poll = null;
        }
    }

    /** Two pollers in a loop would spin, so each conflict soon after another is answered late. */
    private void conflict(Promise<ApiAnswer> reply, String description) {
        ApiAnswer answer = ApiAnswer.of(Refusal.of(409, description));
        long now = clock.nanos();
        long delayMillis = settings.conflictDelay().toMillis();
        if (now >= conflictsDelayedUntil || delayMillis == 0) {
            conflictsDelayedUntil = now + settings.conflictDelay().toNanos();
            reply.tryComplete(answer);
        } else {
            vertx.setTimer(delayMillis, elapsed -> reply.tryComplete(answer));
        }
    }

    /** Looks only at those old enough to have expired if they were of the shorter-lived kind; the younger ones follow them. */
    private void forgetExpired() {
        boolean callbacksFirst = settings.callbackExpiry().compareTo(settings.expiry()) < 0;
        Duration shortest = callbacksFirst ? settings.callbackExpiry() : settings.expiry();
        Iterator<Update> oldest = pending.values().iterator();
        while (oldest.hasNext()) {
            Update update = oldest.next();
            if (!isOld(update, shortest)) {
                return;
            }
            if (isExpired(update)) {
                oldest.remove();
            }
        }
    }

    private boolean isExpired(Update update) {
        return isOld(update, update.type().equals("callback_query") ? settings.callbackExpiry() : settings.expiry());
    }

    private boolean isOld(Update update, Duration age) {
        return clock.nanos() - update.bornNanos() >= age.toNanos();
    }
}
