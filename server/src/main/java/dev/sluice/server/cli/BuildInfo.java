package dev.sluice.server.cli;

import picocli.CommandLine.IVersionProvider;

/** What was built. */
final class BuildInfo implements IVersionProvider {
    private static final String UNPACKED = "development";

    /** The version in the jar's manifest; {@code development} when run from unpacked classes. */
    static String version() {
        var version = BuildInfo.class.getPackage().getImplementationVersion();
        return version == null ? UNPACKED : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"sluice " + version() + " (Java " + System.getProperty("java.version") + ")"};
    }
}
