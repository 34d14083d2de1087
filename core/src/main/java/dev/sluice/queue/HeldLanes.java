package dev.sluice.queue;

import dev.sluice.limit.SendLane;
import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.telegram.ChatId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;

/**
 * The lanes of one bot in memory and where they stand: ready (by rank and by what their head is counted with), waiting, leased, or
 * nowhere if paused. As {@code lanes.lua}. Guarded by the lock of its queue.
 */
final class HeldLanes {
    static final int RANKS = 4;
    private static final int SEND_LANES = SendLane.values().length;

    /** A look over many lanes must not take long, since everybody waits meanwhile. */
    private static final int LOOKED_AT = 200;

    /** How far, in cost, a lane may be behind the virtual time when its turn has ended. */
    private static final int CATCH_UP = 16;

    final Map<String, HeldLane> byName = new HashMap<>();
    final List<NavigableSet<HeldLane>> ready =
            Stream.generate(HeldLanes::places).limit((long) RANKS * SEND_LANES).toList();
    final NavigableSet<HeldLane> waiting = places();
    final NavigableSet<HeldLane> leased = places();

    /** By hand, whether they hold anything or not. */
    final Set<String> paused = new HashSet<>();

    /** The virtual time of each rank. */
    final long[] times = new long[RANKS];

    /** How often a lane became ready. */
    private long arrivals;

    /** Chats that have another id, by their lane; never one's own by any detour. */
    private final Map<String, ChatId> aliases = new HashMap<>();

    /** How many wait for another attempt, by rank. */
    final long[] retrying = new long[RANKS];

    /** How many messages are in lanes, by rank. */
    final long[] depth = new long[RANKS];

    private static NavigableSet<HeldLane> places() {
        return new TreeSet<>(HeldLane.PLACE_ORDER);
    }

    /** Where lanes with such a head are ready. */
    static int kind(int rank, SendLane send) {
        return SEND_LANES * rank
                + switch (send) {
                    case BOT -> 0;
                    case PAID -> 1;
                    case REPLIES -> 2;
                };
    }

    HeldLane of(HeldMessage message) {
        return byName.computeIfAbsent(message.lane, HeldLane::new);
    }

    /** The lane that a message for {@code lane} belongs to, by what is known of its chat now. */
    String now(String lane) {
        String known = lane;
        for (ChatId next = aliases.get(known); next != null; next = aliases.get(known)) {
            known = Lanes.of(next);
        }
        return known;
    }

    /** Adds a message at its place. */
    void add(HeldMessage message) {
        rename(message);
        HeldLane lane = of(message);
        boolean first = lane.messages.isEmpty();
        message.atFront = false;
        lane.messages.add(message);
        depth[message.rank]++;
        if (first || lane.head() == message && !lane.isNowhere()) {
            join(lane);
        }
    }

    /** Names it for the id that its chat is known by. It must be in no lane. */
    void rename(HeldMessage message) {
        for (ChatId known = aliases.get(message.lane); known != null; known = aliases.get(message.lane)) {
            message.chat = Optional.of(known);
            message.lane = Lanes.of(known);
        }
    }

    /** Knows chats by no other name any more; to be called when nothing waits. */
    void forgetNames() {
        aliases.clear();
    }

    ChatId identity(ChatId chat) {
        String lane = Lanes.of(chat);
        String known = now(lane);
        return known.equals(lane) ? chat : new ChatId(known);
    }

    /** As {@code identify.lua}. Returns the id if that is new. */
    Optional<ChatId> identify(String name, ChatId id, int most) {
        String into = now(Lanes.of(id));
        boolean known = Optional.ofNullable(aliases.get(name)).map(Lanes::of).equals(Optional.of(into));
        // Only to what has no other name itself.
        if (known || into.equals(name) || !aliases.containsKey(name) && aliases.size() >= most) {
            return Optional.empty();
        }
        var target = new ChatId(into);
        aliases.put(name, target);
        if (paused.remove(name) && paused.add(into)) {
            Optional.ofNullable(byName.get(into))
                    .filter(lane -> !lane.isIn(leased) && !lane.isIn(waiting))
                    .ifPresent(this::join);
        }
        Optional.ofNullable(byName.get(name)).ifPresent(this::merge);
        return Optional.of(target);
    }

    /** Lets what waits in a lane join that of its chat's id. Between two attempts it holds that lane no longer. */
    private void merge(HeldLane lane) {
        for (HeldMessage message : List.copyOf(lane.messages)) {
            if (message.stage == Stage.LEASED) {
                continue;
            }
            lane.messages.remove(message);
            depth[message.rank]--;
            if (message.stage == Stage.RETRYING) {
                retrying[message.rank]--;
                message.stage = Stage.QUEUED;
                message.until = 0;
            }
            add(message);
        }
        if (lane.messages.isEmpty()) {
            lane.leave();
            byName.remove(lane.name);
        }
    }

    /** Removes a message; if the lane stood where it did because of it, it stands where the next one belongs. */
    void remove(HeldMessage message) {
        HeldLane lane = of(message);
        boolean moves = lane.head() == message && !lane.isNowhere();
        boolean hadItsTurn = lane.isIn(leased);
        lane.messages.remove(message);
        depth[message.rank]--;
        if (moves && hadItsTurn) {
            goOn(lane, lane.turnTag + message.cost);
        } else if (moves) {
            join(lane);
        }
        if (lane.messages.isEmpty()) {
            byName.remove(lane.name);
        }
    }

    /** Lets a lane take part as its head says, as one that comes anew; if it is paused, as soon as it is not. */
    void join(HeldLane lane) {
        place(lane, rank -> times[rank] + 1);
    }

    /** The same for one whose turn has come to its end at {@code finish}: it goes on from there. */
    private void goOn(HeldLane lane, long finish) {
        place(lane, rank -> rank == lane.turnRank ? Math.max(finish, times[rank] - CATCH_UP) : times[rank] + 1);
    }

    /** The same for one that waited. It had its turn, or was denied it, at a tag that is not after the virtual time. */
    void comeBack(HeldLane lane) {
        place(lane, rank -> Math.max(lane.head().atFront ? lane.turnTag + 1 : 0, times[rank]));
    }

    private void place(HeldLane lane, IntToLongFunction tag) {
        lane.leave();
        if (aliases.containsKey(lane.name)) {
            merge(lane);
        } else if (!lane.messages.isEmpty() && !paused.contains(lane.name)) {
            HeldMessage head = lane.head();
            lane.move(ready.get(kind(head.rank, head.send)), tag.applyAsLong(head.rank), arrivals++);
        }
    }

    /** As {@code limits-changed.lua}: lets what waits for a limit be asked again at once. */
    void hurryWaiting() {
        for (HeldLane lane : List.copyOf(waiting)) {
            if (lane.head().stage != Stage.RETRYING) {
                lane.move(waiting, 0);
            }
        }
    }

    /** Puts a message to the front of its lane, or back to its place by acceptance. */
    void front(HeldMessage message, boolean atFront) {
        NavigableSet<HeldMessage> messages = of(message).messages;
        messages.remove(message);
        message.atFront = atFront;
        messages.add(message);
    }

    /** Gives a message that is leased, behind the head of its lane, a lane of its own for as long. */
    void moveAlong(HeldMessage message) {
        of(message).messages.remove(message);
        message.lane = Lanes.along(message.id, message.lane);
        message.atFront = true;
        HeldLane own = of(message);
        own.messages.add(message);
        own.move(leased, message.until);
    }

    /** Gives another rank to one that is at the front and stays there. */
    void rankAtFront(HeldMessage message, int rank) {
        HeldLane lane = of(message);
        boolean isReady = lane.isIn(ready.get(kind(message.rank, message.send)));
        lane.messages.remove(message);
        depth[message.rank]--;
        message.rank = rank;
        depth[message.rank]++;
        lane.messages.add(message);
        lane.turnTag = 0; // of another rank's time
        if (isReady) {
            join(lane);
        }
    }

    /** The number of the oldest message in a lane, of as many lanes and messages as may be looked at. */
    Optional<Long> oldest() {
        return byName.values().stream()
                .limit(LOOKED_AT)
                .flatMap(lane -> lane.messages.stream().limit(LOOKED_AT))
                .map(message -> message.id.number())
                .min(Comparator.naturalOrder());
    }

    /** Pauses or resumes. What is leased or waits stays where it is, and finds the pause when it comes back. */
    void pause(String name, boolean on) {
        boolean changed = on ? paused.add(name) : paused.remove(name);
        HeldLane lane = byName.get(name);
        if (changed && lane != null && !lane.isIn(leased) && !lane.isIn(waiting)) {
            join(lane);
        }
    }

    /** How many go before a message in its lane. O(their number): it is asked by people, of one message. */
    long ahead(HeldMessage message) {
        return of(message).messages.headSet(message).size();
    }
}
