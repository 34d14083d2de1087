package dev.sluice.queue;

import dev.sluice.limit.SendLane;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of one message. Times are the queue's.
 *
 * @param id which message
 * @param state where it is
 * @param failure why it failed, if it did; of an unknown one what it was given up for (expired, cancelled, superseded), if it was
 * @param chat its chat's id, {@code ~} and a digest in place of a name, or {@code -} for none
 * @param priority of a VIP's message {@link Priority#HIGH}
 * @param vip whether it goes before every priority
 * @param send what it is counted with over all chats
 * @param cost in messages
 * @param policy what to do when the outcome is not known
 * @param attempts how many counted
 * @param failedAttempts the last {@link Attempt#KEPT}, oldest first
 * @param accepted when it was
 * @param until what its state waits for: when it is due, its lease ends or it is tried again; of one that has ended, when it
 *     did; empty of one that is just queued
 * @param deadline when it fails if it was not dispatched
 * @param content the payload of a message that may still be sent (also of a dead letter or an unknown one), the result of
 *     one that was sent, else nothing
 */
public record MessageDetails(
        MessageId id,
        MessageState state,
        Optional<FailureClass> failure,
        String chat,
        Priority priority,
        boolean vip,
        SendLane send,
        int cost,
        DeliveryPolicy policy,
        int attempts,
        List<Attempt> failedAttempts,
        Instant accepted,
        Optional<Instant> until,
        Optional<Instant> deadline,
        byte[] content) {
    /** How {@link #chat()} names a chat. */
    public static String name(ChatId chat) {
        return Lanes.of(chat);
    }

    public MessageDetails {
        failedAttempts = List.copyOf(failedAttempts);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MessageDetails details
                && id.equals(details.id)
                && state == details.state
                && failure.equals(details.failure)
                && chat.equals(details.chat)
                && priority == details.priority
                && vip == details.vip
                && send == details.send
                && cost == details.cost
                && policy == details.policy
                && attempts == details.attempts
                && failedAttempts.equals(details.failedAttempts)
                && accepted.equals(details.accepted)
                && until.equals(details.until)
                && deadline.equals(details.deadline)
                && Arrays.equals(content, details.content);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    /** Without the content, which is nobody's business. */
    @Override
    public String toString() {
        return "MessageDetails[" + id + ", " + state
                + failure.map(why -> " " + why).orElse("") + ", chat " + chat
                + ", " + (vip ? "vip" : priority) + ", attempts " + attempts + " " + failedAttempts + ", until " + until
                + ", deadline " + deadline + ", " + content.length + " bytes]";
    }
}
