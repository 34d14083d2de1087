package dev.sluice.simulator;

/** All that one bot has. Its own monitor guards everything in it: whoever touches it holds {@code synchronized (bot)}. */
final class Bot {
    private final BotAccount account;
    private final FloodControl flood;
    private final MessageStore messages;

    Bot(BotAccount account, FloodLimits limits, SharedBound messagesKept) {
        this.account = account;
        this.flood = new FloodControl(limits);
        this.messages = new MessageStore(messagesKept);
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
}
