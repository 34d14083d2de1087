package dev.sluice.queue;

import dev.sluice.limit.SendLane;
import dev.sluice.redis.KeyPart;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One message outside its store.
 *
 * @param id as it was, and will be
 * @param place where it will be
 * @param lane its chat's id, {@code ~} and a digest for a name, {@code -} for none, {@code +} and what it replaces
 * @param chat what kind of chat, which decides its limits
 * @param rank its priority's: 1 high, 2 normal, 3 low; 0 for a VIP's
 * @param send what it is counted with over all chats
 * @param cost in messages
 * @param policy what to do when its outcome is not known
 * @param attempts how many counted
 * @param doubted of {@link Place#LANE} whether one of them may have reached Telegram
 * @param failedAttempts the last {@link Attempt#KEPT}, oldest first
 * @param failure why it failed; there for {@link Place#DEAD} and {@link Place#FAILED}
 * @param until of {@link Place#DELAYED} when it is due; of what is not pending when it came there
 * @param deadline when it fails if it was not dispatched
 * @param once what it must not be queued twice under
 * @param relation what it has to do with others of its lane
 * @param callback who is told its end
 * @param content the payload, or the result of one that was sent
 */
public record SavedMessage(
        MessageId id,
        Place place,
        String lane,
        Kind chat,
        int rank,
        SendLane send,
        int cost,
        DeliveryPolicy policy,
        int attempts,
        boolean doubted,
        List<Attempt> failedAttempts,
        Optional<FailureClass> failure,
        Optional<Instant> until,
        Optional<Instant> deadline,
        Optional<NewMessage.Once> once,
        Optional<Relation> relation,
        Optional<SavedCallback> callback,
        byte[] content) {

    private static final Pattern LANE = Pattern.compile("-|-?[0-9]{1,18}|~[0-9a-f]{32}|\\+[0-9a-f]{32,64}");
    private static final int LAST_RANK = 3;
    private static final int MOST_ATTEMPTS = 255;

    /** Where a message is when nobody has it. */
    public enum Place {
        /** In its chat's lane. Also of one that waited for another attempt, or was leased and may be sent twice. */
        LANE,
        DELAYED,
        /** Also of one that was leased: Telegram may have it. */
        UNKNOWN,
        /** A dead letter. */
        DEAD,
        SENT,
        /** Failed, and no dead letter. */
        FAILED
    }

    /** Kinds of chats. */
    public enum Kind {
        NONE,
        USER,
        GROUP
    }

    public SavedMessage {
        failedAttempts = List.copyOf(failedAttempts);
        require(LANE.matcher(lane).matches(), "lane");
        require((chat == Kind.NONE) == (lane.equals("-") || lane.startsWith("+")), "kind of chat for its lane");
        require(rank >= 0 && rank <= LAST_RANK, "rank");
        require(cost >= 1 && cost <= NewMessage.MAX_COST, "cost");
        require(attempts >= 0 && attempts <= MOST_ATTEMPTS, "number of attempts");
        require(failedAttempts.size() <= Attempt.KEPT, "number of failed attempts");
        failedAttempts.forEach(attempt -> KeyPart.SCOPE.require("class of reasons", attempt.reason()));
        boolean dead = failure.filter(FailureClass::isDeadLetter).isPresent();
        require(failure.isPresent() == (place == Place.DEAD || place == Place.FAILED), "failure for its place");
        require(!doubted || place == Place.LANE, "doubt for its place");
        require(place != Place.DEAD || dead, "failure of a dead letter");
        require(until.isPresent() == (place != Place.LANE), "time for its place");
        require(
                Relation.replacement(relation)
                        .filter(what -> lane.startsWith("+") && !lane.equals("+" + what.target()))
                        .isEmpty(),
                "lane for what it replaces");
        require(Relation.joint(relation).isEmpty() || chat != Kind.NONE, "chat for what it is joined with");
        require(content.length <= NewMessage.MAX_PAYLOAD, "length of its content");
    }

    private static void require(boolean valid, String what) {
        if (!valid) {
            throw new IllegalArgumentException("a message has no such " + what);
        }
    }

    /** As it would be had its content been kept only until it came to an end. */
    SavedMessage withoutTrace() {
        if (place == Place.LANE || place == Place.DELAYED) {
            return this;
        }
        return new SavedMessage(
                id,
                place == Place.DEAD ? Place.FAILED : place,
                lane,
                chat,
                rank,
                send,
                cost,
                policy,
                attempts,
                doubted,
                failedAttempts,
                failure,
                until,
                deadline,
                once,
                relation,
                callback,
                new byte[0]);
    }

    /** Whether it has come to an end that is only remembered. */
    boolean hasEnded() {
        return place == Place.SENT || place == Place.FAILED;
    }

    /**
     * A callback outside its store.
     *
     * @param target as it was enqueued
     * @param event how many ends of the message there were to tell
     * @param owed whether the last of them is still to be told
     */
    public record SavedCallback(byte[] target, long event, boolean owed) {
        public SavedCallback {
            require(target.length >= 1 && target.length <= NewMessage.MAX_CALLBACK, "length of a callback's target");
            require(event >= (owed ? 1 : 0) && event <= Integer.MAX_VALUE, "number of a callback's event");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof SavedCallback saved
                    && event == saved.event
                    && owed == saved.owed
                    && Arrays.equals(target, saved.target);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(target);
        }

        /** Without the target, which may hold a secret. */
        @Override
        public String toString() {
            return "SavedCallback[event " + event + (owed ? ", owed]" : "]");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SavedMessage saved
                && id.equals(saved.id)
                && place == saved.place
                && lane.equals(saved.lane)
                && chat == saved.chat
                && rank == saved.rank
                && send == saved.send
                && cost == saved.cost
                && policy == saved.policy
                && attempts == saved.attempts
                && doubted == saved.doubted
                && failedAttempts.equals(saved.failedAttempts)
                && failure.equals(saved.failure)
                && until.equals(saved.until)
                && deadline.equals(saved.deadline)
                && once.equals(saved.once)
                && relation.equals(saved.relation)
                && callback.equals(saved.callback)
                && Arrays.equals(content, saved.content);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    /** Without the content, which is nobody's business. */
    @Override
    public String toString() {
        return "SavedMessage[" + id + ", " + place + ", lane " + lane + ", " + content.length + " bytes]";
    }
}
