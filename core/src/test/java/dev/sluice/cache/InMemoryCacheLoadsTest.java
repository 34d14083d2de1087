package dev.sluice.cache;

class InMemoryCacheLoadsTest extends CacheLoadsContract {
    private final CachesUnderTest where = new CachesUnderTest.InMemory();

    @Override
    CachesUnderTest where() {
        return where;
    }
}
