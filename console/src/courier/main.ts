import '../shared/base.css';

import { mount } from 'svelte';

import CourierPage from './CourierPage.svelte';

mount(CourierPage, { target: document.getElementById('page')! });
