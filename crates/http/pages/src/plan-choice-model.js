// The choice of a hall's seat plan for a date, with a price for each zone.

import { all, get } from './api.js';
import { timeZone, zoneOf } from './format.js';
import { Model } from './model.js';
import { countsOf } from './plan-counts.js';
import { t } from './text.js';

/** The price that a zone begins with, in points. */
const PRICE = 10_000;

export class PlanChoice extends Model {
  /** Whether a date is made from a plan; else of rows and columns. */
  isPlan = false;
  venueId = '';
  halls = [];
  hall = undefined;
  prices = {};
  /** The number of the last choice: answers to an older choice are dropped. */
  serial = 0;

  constructor(venues) {
    super();
    this.venues = venues;
  }

  /** The zone in which the times of a date are: the chosen venue's, or the service's. */
  get zone() {
    const venue = this.isPlan && this.venues.find(({ id }) => id === this.venueId);
    return venue ? zoneOf({ venue }) : timeZone;
  }

  become(changes) {
    Object.assign(this, changes);
    this.changed();
  }

  /** Reads what belongs to a choice; `take` learns it unless something else was chosen meanwhile. `again` repeats the last reading. */
  async read(changes, reading, take) {
    this.again = () => this.read(changes, reading, take);
    this.serial += 1;
    const { serial } = this;
    this.become({ ...changes, trouble: undefined });
    try {
      const found = await reading();
      if (serial === this.serial) take(found);
    } catch (trouble) {
      if (serial === this.serial) this.become({ trouble });
    }
  }

  chooseVenue(venueId) {
    const changes = { venueId, halls: [], hall: undefined, plan: undefined };
    return this.read(changes, () => (venueId ? all(`/venues/${venueId}/halls`) : []), (halls) => {
      this.become({ halls });
      if (halls.length === 1) this.chooseHall(halls[0].id);
    });
  }

  chooseHall(id) {
    const hall = this.halls.find((own) => own.id === id);
    this.become({ hall });
    return this.chooseVersion(hall?.planVersion);
  }

  chooseVersion(version) {
    const { hall } = this;
    return this.read({ version, plan: undefined }, () => hall && get(`/halls/${hall.id}/plans/${version}`), (plan) => this.become({ plan }));
  }

  setPrice(code, price) { this.become({ prices: { ...this.prices, [code]: price } }); }

  priceOf(code) { return this.prices[code] ?? String(PRICE); }

  /** The zones that a place of the plan has, with how many have it. */
  get zones() {
    if (!this.plan) return [];
    const { zones } = countsOf(this.plan);
    return this.plan.zones.filter(({ code }) => zones[code]).map((zone) => ({ ...zone, count: zones[zone.code] }));
  }

  get count() { return this.plan ? countsOf(this.plan).total : 0; }

  /** The total price of all places, in points. */
  get revenue() { return this.zones.reduce((sum, { code, count }) => sum + count * Number(this.priceOf(code)), 0); }

  /** The prices of the zones, as numbers. */
  get numbers() { return Object.fromEntries(this.zones.map(({ code }) => [code, Number(this.priceOf(code))])); }

  /** The plan in the request for a date. Throws while no plan is chosen. */
  get body() {
    if (!this.plan) throw new Error(t(this.venues.length ? 'seatsOf.chooseFirst' : 'seatsOf.noVenue'));
    return { hallId: this.hall.id, version: this.version, prices: this.numbers };
  }
}
