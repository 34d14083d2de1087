package dev.sluice.queue;

import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;

/** What is paused by hand. */
public sealed interface PauseScope {
    /** Everything of the bot's. */
    record WholeBot() implements PauseScope {}

    /** One chat. */
    record OneChat(ChatId chat) implements PauseScope {}

    /** The chats whose next message has this priority; messages of VIPs have none. */
    record OnePriority(Priority priority) implements PauseScope {}
}
