package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;

class InMemoryBotStoreTest extends BotStoreContract {
    @Override
    BotStore store() {
        return new InMemoryBotStore();
    }

    @Override
    void fill(BotStore store, int count) {
        for (int id = 1; id <= count; id++) {
            store.put(record(new BotId(id)), BotStore.ABSENT);
        }
    }

    @Override
    void fillLimits(BotStore store, int count, SetLimits limits) {
        for (int id = 1; id <= count; id++) {
            store.putLimits(new BotId(id), limits, BotStore.ABSENT);
        }
    }
}
