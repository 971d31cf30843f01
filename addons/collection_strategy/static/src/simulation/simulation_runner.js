import { Component, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** How much of a large simulation is told in full; tells the rest, part by part, until stopped. */
export class SimulationRunner extends Component {
    static template = "collection_strategy.SimulationRunner";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ running: false });
        onWillUnmount(() => this.stop());
    }

    get told() {
        return this.props.record.data.told;
    }

    get total() {
        return this.props.record.data.total;
    }

    get share() {
        return this.total ? Math.floor((100 * this.told) / this.total) : 100;
    }

    async start() {
        const { record } = this.props;
        this.state.running = true;
        try {
            while (this.state.running && record.data.truncated) {
                await this.orm.call(record.resModel, "action_tell_more", [[record.resId]]);
                await record.load();
            }
        } finally {
            this.stop();
        }
    }

    stop() {
        this.state.running = false;
    }
}

registry.category("view_widgets").add("collection_simulation_runner", {
    component: SimulationRunner,
});
