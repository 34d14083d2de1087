package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;

/** Starts simulators, with a reason in one line if it does not work. */
final class Simulators {
    private Simulators() {}

    /**
     * @param setting what to change when the port is taken
     * @throws SluiceException if it cannot listen
     */
    static Simulator start(SimulatorSettings settings, String setting) {
        try {
            return Simulator.start(settings);
        } catch (IllegalStateException e) {
            throw new SluiceException(e.getMessage() + ": set " + setting + " to another port", e);
        }
    }
}
